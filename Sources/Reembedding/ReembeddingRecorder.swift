internal import Ledger
internal import Journal

/// Notes a run of `reembed` in the operator's journal; never needed to go on.
package final class ReembeddingRecorder {
  private let directory: String
  private let database: String
  private let warn: (String) -> Void
  private var journal: RunJournal?
  private var run: Journal.RunID?
  /// Why the record of the run is not whole; nil while it is.
  package private(set) var gap: String?

  /// A recorder; nothing is opened or made before it is needed.
  ///
  /// - Parameters:
  ///   - database: the database in words, without its password.
  ///   - warn: told when the record cannot be kept.
  package init(directory: String, database: String, warn: @escaping (String) -> Void) {
    self.directory = directory
    self.database = database
    self.warn = warn
  }

  /// A run begins.
  ///
  /// - Parameter options: what was asked for, in words, without secrets.
  package func begin(options: String) {
    attempt {
      let journal = try RunJournal.open(path: RunJournal.path(in: directory))
      let facts = RunFacts(
        mode: .reembed, version: ProgramVersion.current, options: options, database: database)
      run = try journal.beginRun(facts)
      self.journal = journal
    }
  }

  /// The run is over.
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
