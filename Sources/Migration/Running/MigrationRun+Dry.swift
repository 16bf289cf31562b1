internal import Postgres
internal import Schema
internal import Stores

extension MigrationRun {
  /// Reads and checks everything, writes nothing: the session, where there is one, is READ ONLY.
  func dry(found: [FoundStore], selected: [FoundStore], since start: ContinuousClock.Instant)
    throws -> MigrationReport
  {
    var obstacle: Failure?
    let plan: MigrationPlan
    if let connection = reachable() {
      plan = try connection.transaction(.repeatableRead, readOnly: true) {
        let state = readState(connection, obstacle: &obstacle)
        return try self.plan(found: found, selected: selected, database: state)
      }
    } else {
      plan = try self.plan(found: found, selected: selected, database: nil)
    }
    let results = plan.stores.map { store in
      let result = StoreResult(
        planned: store, outcome: Self.preview(store.action), contents: store.contents,
        backup: nil, seconds: 0)
      observe(.storeFinished(result))
      return result
    }
    return MigrationReport(
      run: nil, startedAt: startedAt, plan: plan, stores: results, obstacle: obstacle,
      wasInterrupted: false, seconds: seconds(since: start))
  }

  private static func preview(_ action: PlannedStore.Action) -> StoreResult.Outcome {
    switch action {
    case .insert, .replace: .planned
    case .unchanged(let missing): .unchanged(missing: missing)
    case .refuse(let failure): .failed(failure)
    }
  }

  /// A session, or nil with the reason told: a dry run needs no database.
  private func reachable() -> Connection? {
    do {
      return try connect()
    } catch {
      observe(.databaseUnreachable(reason: "\(error)"))
      return nil
    }
  }

  private func readState(_ connection: Connection, obstacle: inout Failure?) -> DatabaseState? {
    do {
      return try DatabaseState.read(connection, table: options.table)
    } catch {
      let cause = Failure(error)
      obstacle = Failure(.preflight, cause.reason, remedy: cause.remedy)
      return nil
    }
  }
}
