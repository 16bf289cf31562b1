internal import Doctor
internal import Ledger
internal import Models
internal import Postgres
internal import Stores
internal import Unlisted

extension MigrationRun {
  /// Reads and checks everything but writes nothing; the database is read in short READ ONLY
  /// transactions, so that no snapshot is held while stores are read.
  func dry(
    found: [FoundStore], selected: [FoundStore], opening: Opening,
    since start: ContinuousClock.Instant
  ) throws -> MigrationReport {
    var obstacle = opening.obstacle
    let state = opening.connection.flatMap { readState($0, obstacle: &obstacle) }
    let isTaken = state == nil && opening.connection.map(hasTarget) == true
    let plan = try self.plan(
      found: found, selected: selected, database: state, isTaken: isTaken)
    if obstacle == nil { obstacle = lackOfRoom(plan, state) }
    let results = previews(of: plan)
    return MigrationReport(
      run: nil, startedAt: startedAt, plan: plan, stores: results, index: .notAsked,
      obstacle: obstacle, unreachable: opening.unreachable, outage: nil, wasInterrupted: false,
      seconds: seconds(since: start))
  }

  /// Returns and reports the results of stores from the plan alone; an obstacle counts as a
  /// failure.
  func previews(of plan: MigrationPlan) -> [StoreResult] {
    plan.stores.map { store in
      let result = StoreResult(
        planned: store, outcome: Self.preview(store), contents: store.contents,
        measurement: store.measurement, backup: nil, seconds: 0)
      observe(.storeFinished(result))
      return result
    }
  }

  static func preview(_ store: PlannedStore) -> StoreResult.Outcome {
    switch store.action {
    case .insert, .replace: store.obstacle.map { .failed($0) } ?? .planned
    case .unchanged(let missing): .unchanged(missing: missing)
    case .leaveEmpty: .empty
    case .refuse(let failure): .failed(failure)
    }
  }

  /// Returns the failure of a live run for lack of space; nil where no lack is visible.
  private func lackOfRoom(_ plan: MigrationPlan, _ state: DatabaseState?) -> Failure? {
    do {
      if let state {
        try checkRoom(plan, on: state.connection, table: state.table)
      } else {
        try checkRoomForBackups(of: plan.toMigrate.map(\.store))
      }
      return nil
    } catch {
      let failure = Failure(error)
      return failure.kind == .preflight ? failure : nil
    }
  }

  /// Returns true where an object with the table's name exists.
  private func hasTarget(_ connection: Connection) -> Bool {
    ((try? connection.resolve(options.table)) ?? nil) != nil
  }

  private func readState(_ connection: Connection, obstacle: inout Failure?) -> DatabaseState? {
    do {
      return try connection.transaction(.repeatableRead, readOnly: true) {
        try DatabaseState.read(
          connection, table: options.table, keepsOriginals: options.originals == .always,
          adopts: options.unlisted == .adopt)
      }
    } catch {
      let cause = Failure(error)
      // The findings of the checks say more than the first error here.
      if obstacle == nil { obstacle = Failure(.preflight, cause.reason, remedy: cause.remedy) }
      return nil
    }
  }
}
