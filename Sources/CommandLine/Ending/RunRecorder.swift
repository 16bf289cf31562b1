internal import Backups
internal import Journal
internal import Ledger
internal import Machine
internal import Stores

/// Records a run that works on no store, or on one, in the operator's journal.
///
/// The run can continue without this record.
final class RunRecorder {
  private let directory: String
  private let warn: (String) -> Void
  private var journal: RunJournal?
  private var run: RunID?
  private var store: StoreName?
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

  /// Runs a command that may set a recorder, records the end of the command's run, and prints what
  /// the journal lacks.
  static func recordEnd(
    on console: Console, asJSON: Bool, of command: (inout RunRecorder?) -> ExitCode
  ) -> ExitCode {
    var recorder: RunRecorder?
    let code = command(&recorder)
    recorder?.end(exitCode: code)
    if let gap = recorder?.gap, !asJSON { console.print(.gap(ofJournal: gap)) }
    return code
  }

  /// Records that a run begins.
  ///
  /// - Parameter store: the store whose model the run fits again; nil where the run has no store.
  func begin(_ facts: RunFacts, id: RunID = RunID(), refitting store: StoreName? = nil) {
    attempt {
      try BackupFolder.makeDirectory(directory, mayExist: true)
      let journal = try RunJournal.open(path: RunJournal.path(in: directory))
      let run = try journal.beginRun(facts, id: id)
      self.run = run
      self.journal = journal
      guard let store else { return }
      try journal.plan([(name: store, path: "")], in: run)
      try journal.record(store, stage: .reduce, in: run)
      self.store = store
    }
  }

  /// Records that the run's store was written.
  func succeed(documents: Int) {
    guard let journal, let run, let store else { return }
    attempt {
      try journal.finish(
        store, outcome: .succeeded, facts: StoreFacts(documents: documents), in: run)
    }
  }

  /// Records that the run's store is as it was before the run.
  func fail(_ failure: Failure) {
    guard let journal, let run, let store else { return }
    attempt {
      try journal.finish(
        store, outcome: failure.kind == .interrupted ? .interrupted : .failed,
        reason: failure.description, in: run)
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
