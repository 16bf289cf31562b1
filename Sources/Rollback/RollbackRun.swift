internal import Files
internal import Layouts
internal import Backups
internal import Dimensions
package import Ledger
internal import Machine
internal import Migration
package import Postgres
internal import OwnSchema
package import Stores
internal import VectorMath

/// An event during a rollback.
package enum RollbackEvent: Sendable {
  /// The rollback of a store begins.
  case started(RollbackPlan.StorePlan)
  /// The connection broke; the store is retried after a pause.
  case retried(StoreName, Failure, seconds: Double)
  /// The server no longer answers, or answers again.
  case server(ServerEvent)
  /// The rollback of a store has ended.
  case finished(RollbackResult)
}

/// Rolls a run back: first makes a plan, and then executes the plan when asked to.
package final class RollbackRun {
  private let options: RollbackOptions
  private let keys: KeyRing
  private let recorder: RollbackRecorder
  private let hooks: StageHooks
  private let retries: Int
  private let connect: () throws -> Connection
  private let observe: (RollbackEvent) -> Void
  private let reconnection: Reconnection
  private let isInterrupted: @Sendable () -> Bool
  private let copies: CopyFinder
  private var engine: Engine?
  private var connection: Connection?

  /// Prepares a rollback.
  package init(
    options: RollbackOptions, keys: KeyRing, recorder: RollbackRecorder,
    environment: [String: String] = [:], isInterrupted: @escaping @Sendable () -> Bool = { false },
    connect: @escaping () throws -> Connection,
    reconnect: @escaping @Sendable () throws -> Connection,
    observe: @escaping @Sendable (RollbackEvent) -> Void
  ) {
    self.options = options
    self.keys = keys
    self.recorder = recorder
    hooks = StageHooks(environment: environment, isInterrupted: isInterrupted)
    retries = Retry.limit(environment: environment)
    self.isInterrupted = isInterrupted
    self.connect = connect
    self.observe = observe
    reconnection = Reconnection(
      giveUpAfter: options.giveUpAfter, isInterrupted: isInterrupted, connect: reconnect,
      report: { observe(.server($0)) })
    copies = CopyFinder(directory: options.backupDirectory)
  }

  /// Makes the plan; changes nothing.
  package func plan() throws(Failure) -> RollbackDecision {
    do {
      let connection = try session()
      try LedgerAccess.check(connection)
      let planner = RollbackPlanner(
        options: options, database: RollbackAnswers(options, on: connection), copies: copies)
      let plan = try connection.handlingRows { try planner.plan() }
      if case .plan(let plan) = plan {
        try plan.check(allowedLosses: options.allowedLosses, on: connection)
      }
      hooks.reached(.rollbackPlan)
      return plan
    } catch {
      let cause = Failure(error)
      throw cause.kind == .interrupted
        ? cause : Failure(.preflight, cause.reason, remedy: cause.remedy)
    }
  }

  /// Executes a plan, store by store; the rows of each store are rolled back completely or not at
  /// all.
  package func execute(_ plan: RollbackPlan) throws(Failure) -> RollbackReport {
    let run = RunID()
    do {
      let connection = try session()
      let table = plan.stores.lazy.compactMap(\.rows?.catalogueName).first
      try FerrySchema.install(for: table, on: connection)
      try recorder.begin(run: run, plan: plan, options: options, on: connection)
      try RunRow.register(run, undoing: plan.run, in: table, on: connection)
      return rollBack(plan, as: run, on: connection)
    } catch {
      throw Failure(error)
    }
  }

  private func rollBack(_ plan: RollbackPlan, as run: RunID, on first: Connection)
    -> RollbackReport
  {
    var connection = first
    var results: [RollbackResult] = []
    var outage: Failure?
    for store in plan.stores where outage == nil {
      if isInterrupted() { break }
      let result = rollBack(store, of: plan.run, as: run, on: &connection)
      if result.failure?.kind == .interrupted { break }
      results.append(result)
      recorder.finish(result)
      observe(.finished(result))
      if !connection.isUsable { outage = reconnection.failure }
    }
    // An interrupted rollback counts as unfinished: the same command then continues with its files.
    if results.count == plan.stores.count { RunRow.finish(run, on: connection) }
    return RollbackReport(
      plan: plan, stores: results, outage: outage,
      wasInterrupted: results.count < plan.stores.count && outage == nil)
  }

  private func rollBack(
    _ store: RollbackPlan.StorePlan, of target: RunID, as run: RunID,
    on connection: inout Connection
  ) -> RollbackResult {
    var result = RollbackResult(plan: store)
    if let refusal = store.refusal {
      result.failure = refusal
      return result
    }
    observe(.started(store))
    var files: SourceFiles.Staged?
    do {
      // Deleted rows could not be restored if writing the files failed: so the files are written
      // first.
      files = try stagedFiles(of: store, run: target)
      if let rows = store.rows {
        try persist(on: &connection, into: &result) { connection, result, mayBeDone in
          if mayBeDone, try isRolledBack(rows, by: run, on: connection) { return }
          try StoreRollback(
            connection: connection, plan: store, rows: rows, run: target, actor: run, hooks: hooks,
            allowedLosses: options.allowedLosses,
            restore: try restoration(of: store, rows: rows, as: run, on: connection)
          ).run(into: &result)
        }
      }
      if let staged = files {
        files = nil
        result.files = try staged.finish { hooks.reached(.rollbackFiles) }
      }
      reconnection.completed()
    } catch {
      files?.discard()
      result.failure = Failure(error)
    }
    return result
  }

  /// Writes the store's files under temporary names; nil where the files are not to be restored, or
  /// there is no copy.
  private func stagedFiles(of store: RollbackPlan.StorePlan, run: RunID) throws
    -> SourceFiles.Staged?
  {
    guard options.restoresFiles, let copy = try copies.copy(of: store.name, run: run) else {
      return nil
    }
    return try SourceFiles(options: options, copy: copy, run: run).stage()
  }

  /// Calls `body` until it succeeds or fails for good; opens a new connection where the connection
  /// broke.
  ///
  /// `body` receives the connection, the result of the last attempt, and whether an earlier COMMIT
  /// may have succeeded. Where a row is edited at the same time, there is no retry: the operator
  /// has agreed to a plan without that edit.
  private func persist(
    on connection: inout Connection, into result: inout RollbackResult,
    _ body: (Connection, inout RollbackResult, Bool) throws -> Void
  ) throws {
    var mayBeDone = false
    var attempt = result
    defer { result = attempt }
    let name = result.name
    try reconnection.persist(
      on: &connection, limit: retries, retried: { observe(.retried(name, $0, seconds: $1)) }
    ) { connection in
      do {
        try body(connection, &attempt, mayBeDone)
      } catch {
        if case .commitUnknown = error as? PostgresError { mayBeDone = true }
        guard StoreRollback.isConflict(error) else { throw error }
        throw Failure(error)
      }
    }
  }

  /// Returns true where the ledger no longer lists the store, or lists it as restored by this
  /// rollback.
  private func isRolledBack(_ rows: RollbackPlan.Rows, by run: RunID, on connection: Connection)
    throws -> Bool
  {
    let recorded = try RecordedStore.find(rows.store, on: connection)
    return recorded == nil || recorded?.run == run
  }

  /// Prepares to load the state before the run; nil where the operator did not ask for it, or where
  /// there was no such state.
  private func restoration(
    of store: RollbackPlan.StorePlan, rows: RollbackPlan.Rows, as run: RunID,
    on connection: Connection
  ) throws -> PreviousState.Restoration? {
    guard options.restores,
      let replacement = try Replacement.of(store: rows.store, on: connection)
    else { return nil }
    let recorded = try RecordedStore.find(rows.store, on: connection)
    let table = try RolledBackStore.table(recorded?.table ?? rows.table, on: connection)
    if let reembedded = try ReembeddedTable(table, on: connection) { throw reembedded.refusal }
    return try PreviousState(
      replacement: replacement,
      copy: try copies.copy(of: store.name, digest: replacement.sourceDigest), keys: keys,
      cacheDirectory: options.backupDirectory,
      engine: mathEngine, hooks: hooks, isInterrupted: isInterrupted,
      allowedLosses: options.allowedLosses
    ).prepare(dimensions: table.dimensions, run: run, on: connection)
  }

  /// Returns the present session; opens a new session where there is none, or where it broke.
  private func session() throws -> Connection {
    if let connection, connection.isUsable { return connection }
    let opened = try connect()
    connection = opened
    return opened
  }

  private func mathEngine() throws -> Engine {
    if let engine { return engine }
    let made = try Engine(isStopped: { StopRequest.isMade })
    engine = made
    return made
  }
}
