internal import Glibc
internal import Postgres

/// The settings of a session while it builds an index; the table itself is not altered.
///
/// PostgreSQL would build most vector indexes with one process: large vectors are stored outside of
/// the table's main file, so that this file looks small. The table's `parallel_workers` could
/// change that, but a killed program would leave the table altered. Therefore the session sets its
/// own `min_parallel_table_scan_size`.
struct BuildSession {
  let connection: Connection
  let memory: Int
  let workers: Int

  private static let names = [
    "maintenance_work_mem", "max_parallel_maintenance_workers", "min_parallel_table_scan_size",
    "statement_timeout", "lock_timeout", "application_name", "client_min_messages",
  ]

  /// Runs `body` with these settings; afterwards the session has its own settings again.
  func with<Result>(_ body: () throws -> Result) throws -> Result {
    var script = BuildingQueries.settings(memory: Literal("\(memory >> 10)kB"), workers: workers)
    // Makes the build of a killed client stop soon, instead of continuing without a client.
    if connection.serverVersion >= 140_000 {
      script = script + "\nSET client_connection_check_interval = 1000;"
    }
    try connection.execute(script: script)
    defer { restore() }
    return try body()
  }

  private func restore() {
    var script = Self.names.map { "RESET \($0);" }.joined(separator: "\n")
    if connection.serverVersion >= 140_000 {
      script += "\nRESET client_connection_check_interval;"
    }
    connection.uninterruptibly { _ = try? connection.execute(script: SQL(script: script)) }
  }
}
