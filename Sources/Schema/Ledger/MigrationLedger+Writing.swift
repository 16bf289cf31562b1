internal import Postgres

extension MigrationLedger {
  /// Writes a migration's row, new or in place of a half-way one.
  func record(
    _ migration: SQLMigration, set: String, batch: Int, state: LedgerRow.State, done: Int,
    seconds: Double = 0, note: String? = nil
  ) throws(PostgresError) {
    try connection.query(
      """
      INSERT INTO public.schema_migrations AS m
        (set, version, description, checksum, batch, applied_at, duration, state,
         statements_done, statements, note, up_sql, down_sql)
      VALUES (\(set), \(migration.version), \(migration.description),
              \(migration.checksum.description), \(batch)::int, clock_timestamp(),
              make_interval(secs => \(seconds)), \(state.rawValue), \(done)::int,
              \(migration.up.statements.count)::int, \(note), \(migration.up.text),
              \(migration.down?.text))
      ON CONFLICT (set, version) DO UPDATE SET
        checksum = excluded.checksum, accepted_checksum = NULL, applied_at = excluded.applied_at,
        duration = m.duration + excluded.duration, state = excluded.state,
        statements_done = excluded.statements_done, statements = excluded.statements,
        note = coalesce(excluded.note, m.note), up_sql = excluded.up_sql,
        down_sql = excluded.down_sql
      """)
  }

  /// Notes how many statements of a half-way migration are done.
  func advance(_ version: String, set: String, done: Int) throws(PostgresError) {
    let rows = try connection.query(
      """
      UPDATE public.schema_migrations SET statements_done = \(done)::int
      WHERE set = \(set) AND version = \(version)
      """)
    guard rows.affectedRows == 1 else {
      throw .unexpected(
        operation: "schema_migrations", what: "the row of \(version) has gone meanwhile")
    }
  }

  /// Marks that a way down has begun.
  func beginReverting(_ version: String, set: String, statements: Int) throws(PostgresError) {
    try connection.query(
      """
      UPDATE public.schema_migrations
      SET state = 'reverting', statements_done = 0, statements = \(statements)::int
      WHERE set = \(set) AND version = \(version)
      """)
  }

  /// Takes a migration's row away: it has been undone.
  func remove(_ version: String, set: String) throws(PostgresError) {
    try connection.query(
      "DELETE FROM public.schema_migrations WHERE set = \(set) AND version = \(version)")
  }

  /// Lets a changed file pass from now on; what was applied stays recorded.
  func accept(_ migration: SQLMigration, set: String) throws(PostgresError) {
    try connection.query(
      """
      UPDATE public.schema_migrations
      SET accepted_checksum = \(migration.checksum.description),
          note = concat_ws('; ', note, 'changed file accepted by --force at '
            || to_char(clock_timestamp() AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS') || ' UTC: '
            || \(migration.checksum.description))
      WHERE set = \(set) AND version = \(migration.version)
      """)
  }
}
