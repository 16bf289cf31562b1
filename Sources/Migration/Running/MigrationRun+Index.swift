internal import Ledger
internal import Bounds
internal import Postgres
internal import Layouts
internal import OwnSchema
internal import VectorIndex

extension MigrationRun {
  /// Returns a plan with the index that the run intends to build.
  func adding(index plan: MigrationPlan, rows: Int) -> MigrationPlan {
    var plan = plan
    let change = plan.stores.reduce(0) { sum, store in
      switch store.action {
      case .insert: sum.addingSaturated(store.contents?.documents ?? 0)
      case .replace(let previous):
        // The ledger may contain any number; a negative count of documents is impossible.
        sum.addingSaturated(
          (store.contents?.documents ?? 0).subtractingSaturated(max(0, previous)))
      case .unchanged, .leaveEmpty, .refuse: sum
      }
    }
    plan.index = IndexIntent(
      options.index, rows: max(0, rows.addingSaturated(change)), writes: !plan.toMigrate.isEmpty)
    return plan
  }

  /// Builds the table's index after all stores are finished; never throws, because the documents
  /// are already committed.
  func buildIndex(after results: [StoreResult], session: LiveSession) -> IndexResult {
    let hasWritten = results.contains {
      if case .migrated(let documents) = $0.outcome { documents > 0 } else { false }
    }
    var request = BuildRequest()
    switch options.index {
    case .none: return .notAsked
    case .automatic where !hasWritten: return .notAsked
    case .automatic: break
    case .method(let method): request.method = method
    }
    do {
      var connection = session.connection
      // The next build finds and repairs what a failed build has left behind.
      return try reconnection.persist(
        on: &connection, limit: retries, retried: { observe(.setUpRetried($0, seconds: $1)) }
      ) { connection in
        try build(request, table: session.table, on: connection)
      }
    } catch let taken as IndexLockTaken {
      return .leftToAnother(taken.description)
    } catch let quicker as IndexBuiltMeanwhile {
      return .exists(quicker.index)
    } catch let error as SchemaError where options.index == .automatic {
      return .none(reason: error.description)
    } catch {
      return .failed(Self.indexFailure(error))
    }
  }

  private func build(_ request: BuildRequest, table: VectorTable, on connection: Connection) throws
    -> IndexResult
  {
    let watcher = try? connect()
    let own = [connection.backendPID, watcher?.backendPID].compactMap { $0 }
    if table.hasActiveRowSecurity { renewStatistics(of: table, on: connection) }
    let decision = try BuildDecision.make(
      request, table: table.name, on: connection, ignoring: own)
    switch decision {
    case .none(let reason): return .none(reason: reason)
    case .exists(let index): return .exists(index)
    case .build(let plan):
      observe(.indexPlanned(plan))
      let build = IndexBuild(plan, on: connection, watcher: watcher) { [self] event in
        observe(.indexing(event))
      }
      return .built(plan, try build.run())
    }
  }

  /// Collects the table's statistics again after the load.
  ///
  /// The number of rows that policies hide is known only from statistics, and these do not count
  /// the load's rows yet.
  private func renewStatistics(of table: VectorTable, on connection: Connection) {
    _ = try? connection.execute(
      script: "SET LOCAL lock_timeout = '2s'; ANALYZE \(table.name)")
  }

  private static func indexFailure(_ error: any Error) -> Failure {
    let cause = Failure(error)
    guard cause.kind != .interrupted else { return cause }
    let again = "build the index with: vector-ferry index build"
    let remedy = (error as? PostgresError)?.indexRemedy ?? cause.remedy
    return Failure(.database, cause.reason, remedy: remedy.map { "\($0); \(again)" } ?? again)
  }
}
