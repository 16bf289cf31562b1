internal import Ledger
internal import Machine
internal import Postgres
internal import Layouts

/// The run that a rollback undoes, as the ledger records it.
struct RollbackTarget: Sendable {
  let id: RunID
  /// The time when the run began, in UTC.
  let startedAt: String
  let host: String
  /// The run that this run has itself rolled back; nil for a migration.
  let undoneRun: RunID?
  /// The time when the run began, in seconds since 1970, for comparing two runs.
  let began: Double
}

extension RollbackTarget {
  /// Returns the run by its id or the beginning of its id; the other functions do not find
  /// rollbacks.
  static func named(_ name: String, on connection: Connection) throws -> RollbackTarget {
    let rows = try connection.query(
      "\(selection) WHERE starts_with(r.id::text, \(name.lowercased()))")
    guard rows.rowCount == 1 else {
      throw Failure(
        .preflight,
        rows.rowCount == 0
          ? "there is no run \(name) in the ledger of this database"
          : "run \(name) is ambiguous: \(rows.rowCount) runs match",
        remedy: "list the runs with: vector-ferry history")
    }
    return try RollbackTarget(rows)
  }

  /// Returns the migration that last wrote to a table; nil where the ledger lists no store of a
  /// migration in this table.
  static func latest(in table: VectorTable, on connection: Connection) throws -> RollbackTarget? {
    let rows = try connection.query(
      RollbackQueries.latest(runs: selection, table: table.catalogueName))
    return rows.rowCount == 1 ? try RollbackTarget(rows) : nil
  }

  /// Returns the migration that was last rolled back in a table; nil where there is none, or where
  /// `unfinished` is true and the end of the rollback is recorded.
  static func lastRolledBack(
    in table: VectorTable, unfinished: Bool = false, on connection: Connection
  ) throws -> RollbackTarget? {
    let rows = try connection.query(
      RollbackQueries.lastRolledBack(
        runs: selection, table: table.catalogueName, unfinished: unfinished))
    return rows.rowCount == 1 ? try RollbackTarget(rows) : nil
  }

  private static var selection: SQL {
    """
    SELECT r.id, \(LedgerTime.shown("r.started_at")), r.host,
           r.takes_back, extract(epoch FROM r.started_at)::float8
    FROM vector_ferry.runs r
    """
  }

  private init(_ rows: QueryResult) throws {
    id = RunID(uuid: try rows.value(0, 0))
    startedAt = try rows.value(0, 1)
    host = try rows.value(0, 2)
    undoneRun = try rows.optional(0, 3).map { RunID(uuid: $0) }
    began = try rows.value(0, 4)
  }
}
