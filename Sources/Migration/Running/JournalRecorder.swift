internal import Backups
internal import Ledger
internal import Digests
internal import Glibc
internal import Journal
package import Machine
internal import Postgres
internal import Stores
internal import Synchronization

/// Records live runs in the operator's journal, `<backup directory>/journal.sqlite`.
///
/// The journal is never needed for recovery: once a run has begun, a record that cannot be written
/// is reported once and does not stop the run.
package final class JournalRecorder: Sendable {
  private struct State {
    var journal: RunJournal?
    var run: RunID?
    var gap: String?
  }

  private let directory: String
  private let database: String
  private let options: String
  private let warn: @Sendable (String) -> Void
  private let state = Mutex(State())

  /// The run that is recorded; nil before it begins.
  package var run: RunID? { state.withLock { $0.run } }

  /// The reason why the record of the run is incomplete; nil where it is complete.
  package var gap: String? { state.withLock { $0.gap } }

  /// Creates a recorder; nothing is opened or created before it is needed.
  ///
  /// - Parameters:
  ///   - database: the database in words, without its password.
  ///   - options: the options in words, without secrets.
  ///   - warn: called when the record cannot be written.
  package init(
    directory: String, database: String, options: String,
    warn: @escaping @Sendable (String) -> Void
  ) {
    self.directory = directory
    self.database = database
    self.options = options
    self.warn = warn
  }

  /// Returns the stores whose latest outcome is a failure, or that a run left unfinished when it
  /// died.
  ///
  /// - Parameter lineage: the identities of the database; nil where the database could not be
  ///   asked.
  func failedStores(table: String, lineage: DatabaseLineage?) throws -> Set<StoreName> {
    let journal = try RunJournal.openReadOnly(path: RunJournal.path(in: directory))
    let identities = try lineage?.identities(
      in: journal.allRuns(), database: database.withoutOrigin)
    let target = RunTarget(database: database, identities: identities ?? [], table: table)
    return Set(try journal.failedStores(target: target).map(\.name))
  }

  /// Records that a live run begins, with its stores as pending.
  func begin(run id: RunID, plan: MigrationPlan, identity: String?) throws {
    try BackupFolder.makeDirectory(directory, mayExist: true)
    let journal = try RunJournal.open(path: RunJournal.path(in: directory))
    let facts = RunFacts(
      mode: .migrate, version: ProgramVersion.current, options: options, database: database,
      identity: identity, table: plan.target.table.description)
    let run = try journal.beginRun(facts, id: id)
    // A store whose name is invalid has only a name for display; several stores may share that
    // name, and only the first of them is recorded.
    var seen: Set<StoreName> = []
    let named = plan.stores.filter { seen.insert($0.name).inserted }
    try journal.plan(named.map { (name: $0.name, path: $0.store.path) }, in: run)
    state.withLock { state in
      state.journal = journal
      state.run = run
    }
  }

  /// Records an event of a run.
  func handle(_ event: MigrationEvent) {
    switch event {
    case .backupCreated(let name, let folder):
      record(name, .backup, StoreFacts(backupPath: folder))
    case .storeStarted(let store): record(store.name, .load, StoreFacts())
    case .modelFitting(let store, _, _, _), .sharedModelUsed(let store, _, _):
      record(store.name, .reduce, StoreFacts())
    case .storeWriting(let store, _, _): record(store.name, .write, StoreFacts())
    case .storeFinished(let result): finish(result)
    default: break
    }
  }

  /// Records what the run has measured as a whole.
  package func record(_ report: MigrationReport) {
    attempt { journal, run in try journal.record(report.figures, in: run) }
  }

  /// Records that the run has ended.
  package func end(exitCode: Int32) {
    attempt { journal, run in try journal.finishRun(run, exitStatus: Int(exitCode)) }
  }

  private func record(_ name: StoreName, _ stage: Stage, _ facts: StoreFacts) {
    attempt { journal, run in
      try journal.record(name, stage: stage, facts: facts, in: run)
    }
  }

  private func finish(_ result: StoreResult) {
    let facts = StoreFacts(
      documents: result.contents?.documents, vectors: result.contents?.vectors,
      dimensions: result.contents?.dimensions,
      sourceDigest: result.planned.sourceDigest.flatMap { SHA256.Digest($0)?.description },
      backupPath: result.backup)
    attempt { journal, run in
      try journal.record(result.figures, of: result.name, in: run)
      try journal.finish(
        result.name, outcome: result.recorded,
        reason: result.failure?.description, facts: facts, in: run)
    }
  }

  private func attempt(_ body: (RunJournal, RunID) throws -> Void) {
    let (journal, run) = state.withLock { ($0.journal, $0.run) }
    guard let journal, let run else { return }
    do {
      try body(journal, run)
    } catch {
      let reason = "\(error)"
      let isFirst = state.withLock { state in
        if state.gap != nil { return false }
        state.gap = reason
        return true
      }
      if isFirst { warn("the journal could not be kept: \(reason)") }
    }
  }
}

extension StoreResult {
  fileprivate var recorded: Journal.Outcome {
    switch outcome {
    case .migrated, .planned: .succeeded
    case .unchanged: .unchanged
    case .empty: .empty
    case .failed(let failure):
      switch failure.kind {
      case .interrupted: .interrupted
      case .taken: .taken
      default: .failed
      }
    }
  }
}
