internal import Ledger
internal import Journal
internal import Machine

/// Records a run of `reembed` in the operator's journal; a run can continue without this record.
package final class ReembeddingRecorder {
  private let directory: String
  private let database: String
  private let warn: (String) -> Void
  private var journal: RunJournal?
  private var run: RunID?
  /// The reason why the record of the run is incomplete; nil where the record is complete.
  package private(set) var gap: String?

  /// Creates a recorder; nothing is opened or created before it is needed.
  ///
  /// - Parameters:
  ///   - database: the database in words, without its password.
  ///   - warn: called when the record cannot be written.
  package init(directory: String, database: String, warn: @escaping (String) -> Void) {
    self.directory = directory
    self.database = database
    self.warn = warn
  }

  /// Records that a run begins.
  ///
  /// - Parameter options: the options of the run in words, without secrets.
  package func begin(options: String) {
    attempt {
      let journal = try RunJournal.open(path: RunJournal.path(in: directory))
      let facts = RunFacts(
        mode: .reembed, version: ProgramVersion.current, options: options, database: database)
      run = try journal.beginRun(facts)
      self.journal = journal
    }
  }

  /// Records that the run has ended.
  package func end(exitCode: Int32) {
    guard let journal, let run else { return }
    attempt { try journal.finishRun(run, exitStatus: Int(exitCode)) }
  }

  private func attempt(_ body: () throws -> Void) {
    do {
      try body()
    } catch {
      journal = nil
      gap = "\(error)"
      warn("the journal could not be kept: \(error)")
    }
  }
}
