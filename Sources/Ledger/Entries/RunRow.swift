internal import Glibc
package import Machine
package import Postgres

/// A run's own row in `vector_ferry.runs`.
package enum RunRow {
  /// Writes the run's row; for a rollback also which run it rolls back, and in which table.
  package static func register(
    _ run: RunID, undoing target: RunID? = nil, in table: String? = nil,
    on connection: Connection
  ) throws {
    try connection.query(
      """
      INSERT INTO vector_ferry.runs (id, host, pid, program_version, takes_back, takes_back_in)
      VALUES (\(run.uuid), \(HostName.current), \(Int(getpid()))::int, \(ProgramVersion.current),
              \(target?.uuid), \(table))
      ON CONFLICT (id) DO NOTHING
      """)
  }

  /// Marks the run as finished; an error is ignored, because what was committed does not depend on
  /// this mark.
  package static func finish(_ run: RunID, on connection: Connection) {
    _ = try? connection.query(
      "UPDATE vector_ferry.runs SET finished_at = now() WHERE id = \(run.uuid)")
  }
}
