internal import Postgres
internal import Schema
internal import Stores

extension MigrationRun {
  /// Reads and checks everything, writes nothing: each look at the database is a short READ ONLY
  /// transaction, so that no snapshot is held while stores are read.
  func dry(found: [FoundStore], selected: [FoundStore], since start: ContinuousClock.Instant)
    throws -> MigrationReport
  {
    var obstacle: Failure?
    let state = reachable().flatMap { readState($0, obstacle: &obstacle) }
    let plan = try self.plan(found: found, selected: selected, database: state)
    let results = told(plan)
    return MigrationReport(
      run: nil, startedAt: startedAt, plan: plan, stores: results, index: .notAsked,
      obstacle: obstacle, outage: nil,
      wasInterrupted: false, seconds: seconds(since: start))
  }

  /// What the plan alone says of each store.
  func told(_ plan: MigrationPlan) -> [StoreResult] {
    plan.stores.map { store in
      let result = StoreResult(
        planned: store, outcome: Self.preview(store.action), contents: store.contents,
        fidelity: store.fidelity, backup: nil, seconds: 0)
      observe(.storeFinished(result))
      return result
    }
  }

  static func preview(_ action: PlannedStore.Action) -> StoreResult.Outcome {
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
      return try connection.transaction(.repeatableRead, readOnly: true) {
        try DatabaseState.read(
          connection, table: options.table, keepsOriginals: options.keepsOriginals)
      }
    } catch {
      let cause = Failure(error)
      obstacle = Failure(.preflight, cause.reason, remedy: cause.remedy)
      return nil
    }
  }
}
