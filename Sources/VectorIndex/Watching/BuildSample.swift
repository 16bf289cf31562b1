internal import Postgres

/// One sample of `pg_stat_progress_create_index`.
struct BuildSample: Sendable, Equatable {
  /// The phase in the server's words: `building index: loading tuples`.
  var phase: String
  var blocksTotal = 0
  var blocksDone = 0
  var tuplesTotal = 0
  var tuplesDone = 0
  /// How many sessions a waiting phase waits for, and how many of them have ended.
  var lockersTotal = 0
  var lockersDone = 0
  /// The process that the build waits for; nil where it waits for none.
  var locker: Int?

  /// Reads the progress of the build by a server process; nil where the process builds nothing.
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
