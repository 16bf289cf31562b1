internal import Backups
internal import Ledger
internal import Journal
internal import Machine
internal import Postgres
internal import Stores

/// Records a rollback in the operator's journal; the record is never needed for recovery.
package final class RollbackRecorder {
  private let database: String
  private let warn: (String) -> Void
  private var journal: RunJournal?
  private var run: RunID?
  /// The reason why the record of the run is incomplete; nil where it is complete.
  package private(set) var gap: String?

  /// Creates a recorder; nothing is opened or created before it is needed.
  ///
  /// - Parameters:
  ///   - database: the database in words, without its password.
  ///   - warn: called when the record cannot be written.
  package init(database: String, warn: @escaping (String) -> Void) {
    self.database = database
    self.warn = warn
  }

  func begin(
    run id: RunID, plan: RollbackPlan, options: RollbackOptions, on connection: Connection
  ) throws {
    let identity = try connection.identity()
    let table = plan.stores.lazy.compactMap(\.rows?.table).first
    try BackupFolder.makeDirectory(options.backupDirectory, mayExist: true)
    attempt {
      let journal = try RunJournal.open(path: RunJournal.path(in: options.backupDirectory))
      var words = ["rollback", plan.run.description]
      if options.restores { words.append("--restore") }
      for table in options.allowedLosses { words += ["--allow-loss", table] }
      if options.restoresFiles { words.append("--files") }
      let facts = RunFacts(
        mode: .rollback, version: ProgramVersion.current, options: words.joined(separator: " "),
        database: database, identity: identity?.description, table: table,
        undoneRun: plan.run)
      let run = try journal.beginRun(facts, id: id)
      var seen: Set<StoreName> = []
      let stores = plan.stores.filter { seen.insert($0.name).inserted }
      try journal.plan(stores.map { (name: $0.name, path: "") }, in: run)
      self.journal = journal
      self.run = run
    }
  }

  func finish(_ result: RollbackResult) {
    guard let journal, let run else { return }
    attempt {
      try journal.finish(
        result.name, outcome: result.recorded, reason: result.recordedReason,
        facts: StoreFacts(documents: result.removed), in: run)
    }
  }

  /// Records that the rollback has ended.
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

extension RollbackResult {
  fileprivate var recorded: Journal.Outcome {
    if let failure { return failure.kind == .interrupted ? .interrupted : .failed }
    // Only files were restored: the rows were written by another run, or deleted before.
    guard plan.rows != nil else { return .skipped }
    if restored > 0 { return .restored }
    return edited.count > 0 ? .partlyRolledBack : .rolledBack
  }

  fileprivate var recordedReason: String? {
    if let failure { return failure.description }
    let parts = [
      restored > 0 ? "\(restored) documents of the run before were restored" : nil,
      edited.count > 0 ? "\(edited.count) rows stay because they were changed" : nil,
    ].compactMap(\.self)
    return parts.isEmpty ? nil : parts.joined(separator: "; ")
  }
}
