internal import Postgres

/// A report of the server on an index build, from `pg_stat_progress_create_index`.
struct BuildSample: Sendable, Equatable {
  /// The phase as the server names it, such as `building index: loading tuples`.
  var phase: String
  var blocksTotal = 0
  var blocksDone = 0
  var tuplesTotal = 0
  var tuplesDone = 0
  /// The number of sessions that this phase waits for; `lockersDone` of them have ended.
  var lockersTotal = 0
  var lockersDone = 0
  /// The server process that the build waits for; nil where it waits for none.
  var locker: Int?

  /// Reads the report on a server process; nil where that process builds no index.
  static func read(_ process: Int, on connection: Connection) throws(PostgresError)
    -> BuildSample?
  {
    // A build that waits for its table's lock does not report progress yet.
    let rows = try connection.query(BuildingQueries.progress(process: process))
    guard rows.rowCount > 0 else { return nil }
    return BuildSample(
      phase: try rows.value(0, 0), blocksTotal: try rows.value(0, 1),
      blocksDone: try rows.value(0, 2), tuplesTotal: try rows.value(0, 3),
      tuplesDone: try rows.value(0, 4), lockersTotal: try rows.value(0, 5),
      lockersDone: try rows.value(0, 6), locker: try rows.optional(0, 7))
  }
}
