internal import Glibc
package import Machine
package import Postgres

/// A run's own row in `vector_ferry.runs`.
package enum RunRow {
  /// Writes the run's row; for a rollback, also writes the run that is rolled back, and the table.
  package static func register(
    _ run: RunID, undoing target: RunID? = nil, in table: String? = nil,
    on connection: Connection
  ) throws {
    try connection.query(
      EntryQueries.register(
        run: run.uuid, host: HostName.current, process: Int(getpid()),
        version: ProgramVersion.current, takesBack: target?.uuid, table: table))
  }

  /// Marks the run as finished; an error is ignored, because what was committed does not depend on
  /// this mark.
  package static func finish(_ run: RunID, on connection: Connection) {
    _ = try? connection.query(
      "UPDATE vector_ferry.runs SET finished_at = now() WHERE id = \(run.uuid)")
  }
}
