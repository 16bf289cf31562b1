internal import Glibc
internal import Postgres

/// The settings of a session while it builds an index; the table itself is never altered.
///
/// PostgreSQL would build most vector tables with one process, because large vectors are stored
/// outside the table's main file, which therefore looks small. The table's `parallel_workers` could
/// change that, but a killed program would leave it set; so the session sets its own
/// `min_parallel_table_scan_size` instead.
struct BuildSession {
  let connection: Connection
  let memory: Int
  let workers: Int

  private static let names = [
    "maintenance_work_mem", "max_parallel_maintenance_workers", "min_parallel_table_scan_size",
    "statement_timeout", "lock_timeout", "application_name", "client_min_messages",
  ]

  /// Runs `body` with these settings, and restores the session's own settings afterwards.
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
