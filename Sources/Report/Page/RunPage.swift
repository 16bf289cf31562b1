package import Journal
internal import Machine
package import Stores

/// The facts of one run, as its page shows them.
package struct RunPage: Equatable, Sendable {
  /// The run as the journal records it.
  package let run: RunRecord
  /// The stores of the run, ordered by name.
  package let stores: [Store]
  /// The figures of the whole run, by their names in `RunFigure`.
  package let figures: [String: RunFigure]
  /// The times in which the documents of stores were written.
  package let writing: [StageSpan]
  /// The notable events of the run.
  package let events: [Event]
  /// The directory of the backups and the journal.
  package let backupDirectory: String
  /// The failed stores, grouped by their reasons; the largest group comes first.
  package var failures: [FailureGroup] = []
  /// The share of the vectors' energy that models of the run keep.
  package var energy: [EnergyLine] = []
  /// The reasons why the page lacks something.
  package var gaps: [String] = []

  /// The largest number of models whose energy is shown.
  package static let mostModels = 5

  /// A store of the run.
  package struct Store: Equatable, Sendable {
    /// The record of the store in the journal.
    package let record: StoreRecord
    /// The figures that the run has measured of the store.
    package let figures: StoreFigures
  }

  /// The stores that failed for one reason.
  package struct FailureGroup: Equatable, Sendable {
    /// The reason of the first store.
    package let reason: String
    /// The remedy; nil where none is known.
    package let remedy: String?
    /// The number of other reasons in the group, which differ only in numbers and names.
    package let similar: Int
    /// The stores of the group.
    package let stores: [StoreName]

    /// Creates a group.
    package init(reason: String, remedy: String?, similar: Int, stores: [StoreName]) {
      self.reason = reason
      self.remedy = remedy
      self.similar = similar
      self.stores = stores
    }
  }

  /// The share of the vectors' energy that the first components of a model keep.
  package struct EnergyLine: Equatable, Sendable {
    /// The name of the model: its store, or what shares it.
    package let name: String
    /// Numbers of components, each with the share that this many components keep.
    package let points: [Point]

    /// One point of the line.
    package struct Point: Equatable, Sendable {
      /// The number of components.
      package let components: Int
      /// The share of the energy, from 0 to 1.
      package let share: Double

      /// Creates a point.
      package init(components: Int, share: Double) {
        self.components = components
        self.share = share
      }
    }

    /// Creates a line.
    package init(name: String, points: [Point]) {
      self.name = name
      self.points = points
    }
  }
}

extension RunPage {
  /// Creates the page's facts from a run's records.
  package init(
    run: RunRecord, stores: [StoreRecord], measured: [StoreName: StoreFigures] = [:],
    figures: [String: RunFigure] = [:], writing: [StageSpan] = [], events: [Event] = [],
    backupDirectory: String
  ) {
    self.run = run
    self.stores = stores.map { record in
      Store(record: record, figures: measured[record.name] ?? StoreFigures())
    }
    self.figures = figures
    self.writing = writing
    self.events = events
    self.backupDirectory = backupDirectory
  }

  /// Reads a run's facts from the journal.
  package init(_ run: RunRecord, in journal: RunJournal, backupDirectory: String) throws {
    self.init(
      run: run, stores: try journal.stores(of: run.id),
      measured: try journal.storeFigures(of: run.id), figures: try journal.figures(of: run.id),
      writing: try journal.spans(of: .write, in: run.id), events: try journal.events(of: run.id),
      backupDirectory: backupDirectory)
  }
}
