public import Clock
public import Stores

/// The figures that a run has measured of a store; nil where a figure is not known.
public struct StoreFigures: Equatable, Sendable {
  /// The remedy where the store failed.
  public var remedy: String?
  /// The name of the format of the store's files.
  public var format: String?
  /// The size of the store's files in bytes.
  public var bytes: Int?
  /// The length of each vector in the database.
  public var storedDimensions: Int?
  /// The milliseconds that the store took.
  public var milliseconds: Int?
  /// The measured quality of searches.
  public var recall: RecordedRecall?

  /// Creates figures; each of them may be left out.
  public init(
    remedy: String? = nil, format: String? = nil, bytes: Int? = nil, storedDimensions: Int? = nil,
    milliseconds: Int? = nil, recall: RecordedRecall? = nil
  ) {
    self.remedy = remedy
    self.format = format
    self.bytes = bytes
    self.storedDimensions = storedDimensions
    self.milliseconds = milliseconds
    self.recall = recall
  }
}

/// The measured quality of searches in a store whose vectors were reduced.
public struct RecordedRecall: Equatable, Sendable {
  /// The recall of queries that the model has reduced.
  public var full: Double
  /// The number of neighbours that were compared for each query.
  public var neighbours: Int
  /// The number of queries.
  public var queries: Int
  /// The largest change of a score.
  public var scoreChange: Double
  /// The recall of queries that are only cut to their first numbers; nil where it was not measured.
  public var cut: Double?
  /// The recall where a tenth of the documents was added later; nil where it was not measured.
  public var added: Double?
  /// The recall where as many documents were added later; nil where it was not measured.
  public var doubled: Double?
  /// The recall where results are ranked by originals; nil where it was not measured.
  public var ranked: Double?
  /// True where the store's originals are kept.
  public var keepsOriginals: Bool

  /// Creates a record of measurements.
  public init(
    full: Double, neighbours: Int, queries: Int, scoreChange: Double, cut: Double? = nil,
    added: Double? = nil, doubled: Double? = nil, ranked: Double? = nil,
    keepsOriginals: Bool = false
  ) {
    self.full = full
    self.neighbours = neighbours
    self.queries = queries
    self.scoreChange = scoreChange
    self.cut = cut
    self.added = added
    self.doubled = doubled
    self.ranked = ranked
    self.keepsOriginals = keepsOriginals
  }
}

/// A figure of a whole run: a number or a text.
public enum RunFigure: Equatable, Sendable {
  /// A number: seconds, or bytes.
  case number(Double)
  /// A text, such as a version.
  case text(String)

  /// The number; nil for a text.
  public var number: Double? { if case .number(let number) = self { number } else { nil } }
  /// The text; nil for a number.
  public var text: String? { if case .text(let text) = self { text } else { nil } }
}

extension RunFigure {
  /// The name of the seconds that the run took.
  public static let seconds = "seconds"
  /// The beginning of the names of the seconds that the stages took; the stage's name follows.
  public static let stagePrefix = "seconds."
  /// The name of the number of stores that were migrated at the same time.
  public static let jobs = "jobs"
  /// The name of the dimension of the table's vectors.
  public static let dimensions = "dimensions"
  /// The name of the version of the server.
  public static let server = "server"
  /// The name of the version of pgvector.
  public static let pgvector = "pgvector"
  /// The name of the reason why the run stopped early, because the server did not answer.
  public static let outage = "outage"
  /// The name of the reason why the index was not built.
  public static let index = "index"

  /// The parts of the database whose sizes are recorded before and after a run.
  public enum Part: String, CaseIterable, Sendable {
    /// The rows of the table.
    case table
    /// The indexes of the table.
    case indexes
    /// The program's own schema.
    case ownSchema = "own"

    /// The name of the size before the run.
    public var before: String { "\(rawValue).before" }
    /// The name of the size after the run.
    public var after: String { "\(rawValue).after" }
  }
}

/// The time that a store of a run spent in one stage.
public struct StageSpan: Equatable, Sendable {
  /// The name of the store.
  public let store: StoreName
  /// The time when the stage began.
  public let startedAt: Timestamp
  /// The milliseconds that the stage took; nil where it is not known.
  public let milliseconds: Int?
  /// The number of the store's documents; nil where it is not known.
  public let documents: Int?
  /// The outcome of the store.
  public let outcome: Outcome
}
