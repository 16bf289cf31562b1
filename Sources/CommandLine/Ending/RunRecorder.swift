internal import Backups
internal import Journal
internal import Ledger
internal import Machine

/// Records a run that has no list of stores in the operator's journal; the run can continue without
/// this record.
final class RunRecorder {
  private let directory: String
  private let warn: (String) -> Void
  private var journal: RunJournal?
  private var run: RunID?
  /// The reason why the record of the run is incomplete; nil where the record is complete.
  private(set) var gap: String?

  /// Creates a recorder; nothing is opened or created before it is needed.
  ///
  /// - Parameters:
  ///   - directory: the directory of the journal.
  ///   - warn: called when the record cannot be written.
  init(directory: String, warn: @escaping (String) -> Void) {
    self.directory = directory
    self.warn = warn
  }

  /// Records that a run begins.
  func begin(_ facts: RunFacts, id: RunID = RunID()) {
    attempt {
      try BackupFolder.makeDirectory(directory, mayExist: true)
      let journal = try RunJournal.open(path: RunJournal.path(in: directory))
      run = try journal.beginRun(facts, id: id)
      self.journal = journal
    }
  }

  /// Records that the run has ended.
  func end(exitCode: ExitCode) {
    guard let journal, let run else { return }
    attempt { try journal.finishRun(run, exitStatus: Int(exitCode.rawValue)) }
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
