internal import Layouts
internal import Clock
package import Postgres
internal import OwnSchema
internal import Schema

/// Repairs the INVALID indexes of a table that failed builds have left behind.
package struct IndexRepair {
  let facts: TableFacts
  let connection: Connection
  let watcher: Connection?
  let observe: (IndexEvent) -> Void

  /// The result of repairing one INVALID index.
  package struct Repaired: Sendable, Equatable {
    /// The ways in which the repair of an index can end.
    package enum Action: String, Sendable {
      /// The index was rebuilt.
      case rebuilt
      /// The index was a copy that is not needed, and was dropped.
      case dropped
      /// The index could not be repaired, and is still INVALID.
      case failed
    }

    /// The quoted name of the index with its schema.
    package let name: String
    /// The way in which the repair has ended.
    package let action: Action
    /// The reason why the index could not be repaired; nil where the repair succeeded.
    package let reason: String?
  }

  /// Creates a repair in the session `connection`; the session `watcher` reads the progress of
  /// rebuilds.
  package init(
    table: QualifiedName, on connection: Connection, watcher: Connection?,
    observe: @escaping (IndexEvent) -> Void = { _ in }
  ) throws {
    facts = try TableFacts.read(connection, table: table)
    self.connection = connection
    self.watcher = watcher
    self.observe = observe
  }

  /// Repairs all INVALID indexes of the table; continues where one of them cannot be repaired.
  package func run() throws -> [Repaired] {
    try IndexLock(connection: connection, table: facts.table).with {
      if let builder = try invalid.builder() {
        throw SchemaError(
          "process \(builder) is building an index of \(facts.table.name); an index is INVALID "
            + "until its build is complete",
          remedy:
            "wait until that process ends, or cancel its statement: SELECT "
            + "pg_cancel_backend(\(builder))"
        )
      }
      let found = try invalid.found()
      // Copies first, because their names would block the next copies.
      let copies = try found.filter(\.isCopy).map { try drop($0) }
      return try copies + found.filter { !$0.isCopy }.map { try rebuild($0) }
    }
  }

  private var invalid: InvalidIndexes {
    InvalidIndexes(of: facts.table.catalogueName, on: connection)
  }

  private func drop(_ index: InvalidIndexes.Index) throws -> Repaired {
    try attempt(index, .dropped) {
      try ConcurrentDrop(
        connection: connection, watcher: watcher, table: facts.table.catalogueName,
        observe: observe
      ).run(
        index.name, remedy: "run vector-ferry index repair once no other session uses the index")
    }
  }

  private func rebuild(_ index: InvalidIndexes.Index) throws -> Repaired {
    observe(.rebuilding(index.name))
    let session: BuildSession
    do {
      session = try self.session(for: index)
    } catch let error as SchemaError {
      return Repaired(name: index.name, action: .failed, reason: error.description)
    }
    return try session.with {
      let watch = BuildWatch(
        connection.backendPID, rows: facts.rows, isConcurrent: true, from: watcher,
        observe: observe)
      let start = MonotonicClock.seconds()
      return try attempt(index, .rebuilt) {
        try connection.execute(
          alone: SQL(script: "REINDEX INDEX CONCURRENTLY \(index.name)")
        ) { watch.look() }
        watch.end()
        if IndexMethod(rawValue: index.method) != nil {
          try remember(index.name, seconds: MonotonicClock.seconds() - start)
        }
      }
    }
  }

  /// Returns the settings for a rebuild, with as much memory as a new index would get.
  private func session(for index: InvalidIndexes.Index) throws -> BuildSession {
    let resources = try ServerResources.read(connection)
    // For an index of another column, neither the dimensions nor the number of rows are known here.
    let known = try IndexCatalogue(facts, connection: connection).all()
      .first { $0.catalogueName == index.name && $0.unusableReason == nil }
    guard let known else {
      return BuildSession(
        connection: connection, memory: resources.maintenanceMemory,
        workers: resources.maintenanceWorkers)
    }
    var request = BuildRequest(method: known.method)
    request.take(known.parameters)
    request.concurrency = .always
    let plan = try BuildPlan.make(known.method, request, facts: facts, resources: resources)
    for warning in plan.warnings { observe(.notice(warning)) }
    return BuildSession(connection: connection, memory: plan.memory, workers: plan.workers)
  }

  private func attempt(
    _ index: InvalidIndexes.Index, _ action: Repaired.Action, _ body: () throws -> Void
  ) throws -> Repaired {
    do {
      try body()
      return Repaired(name: index.name, action: action, reason: nil)
    } catch {
      // The copy that this attempt has left is dropped; the index itself can be repaired later.
      if action == .rebuilt {
        BuildRemains(
          connection: connection, table: facts.table.catalogueName, observe: observe
        ).clear(where: \.isCopy)
      }
      guard case .server(let server)? = error as? PostgresError else { throw error }
      return Repaired(name: index.name, action: .failed, reason: server.description)
    }
  }

  private func remember(_ index: String, seconds: Double) throws(PostgresError) {
    let now = try connection.query(
      """
      SELECT to_char(now() AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'),
             pg_relation_filenode(to_regclass(\(index)))::int8
      """)
    let note = BuildNote(
      rows: facts.rows, seconds: seconds, moment: try now.value(0, 0), file: try now.optional(0, 1))
    try connection.execute(
      script: "COMMENT ON INDEX \(SQL(script: index)) IS \(Literal(note.comment))")
  }
}
