internal import MigrationFiles
internal import Postgres

extension MigrationLedger {
  /// Writes a migration's row, as a new one or in place of that of a partly executed migration.
  func record(
    _ migration: SQLMigration, set: String, batch: Int, state: LedgerRow.State, done: Int,
    seconds: Double = 0, note: String? = nil
  ) throws(PostgresError) {
    // An existing row with the same number is used, whatever the name of its file was.
    let known = try connection.query(
      """
      UPDATE public.schema_migrations AS m SET
        version = \(migration.version), description = \(migration.description),
        checksum = \(migration.checksum.description), accepted_checksum = NULL,
        applied_at = clock_timestamp(), duration = m.duration + make_interval(secs => \(seconds)),
        state = \(state.rawValue), statements_done = \(done)::int,
        statements = \(migration.up.statements.count)::int, note = coalesce(\(note), m.note),
        up_sql = \(migration.up.text), down_sql = \(migration.down?.text),
        in_doubt = CASE WHEN \(state == .applying) THEN m.in_doubt END
      WHERE \(Self.row(of: migration.version, set: set))
      """)
    guard known.affectedRows == 0 else { return }
    try connection.query(
      """
      INSERT INTO public.schema_migrations
        (set, version, description, checksum, batch, applied_at, duration, state,
         statements_done, statements, note, up_sql, down_sql)
      VALUES (\(set), \(migration.version), \(migration.description),
              \(migration.checksum.description), \(batch)::int, clock_timestamp(),
              make_interval(secs => \(seconds)), \(state.rawValue), \(done)::int,
              \(migration.up.statements.count)::int, \(note), \(migration.up.text),
              \(migration.down?.text))
      """)
  }

  /// Returns the SQL condition for a migration's row; versions are numbers, so `1` and `01` are the
  /// same.
  static func row(of version: String, set: String) -> SQL {
    let number = String(version.drop { $0 == "0" })
    return "set = \(set) AND ltrim(version, '0') = \(number)"
  }

  /// Records how many statements of a partly executed migration were executed.
  ///
  /// - Parameter earlier: the count is only changed if it has this value.
  func advance(_ version: String, set: String, done: Int, onlyFrom earlier: Int? = nil)
    throws(PostgresError)
  {
    let rows = try connection.query(
      """
      UPDATE public.schema_migrations SET statements_done = \(done)::int, in_doubt = NULL
      WHERE \(Self.row(of: version, set: set))
        AND (\(earlier)::bigint IS NULL OR statements_done = \(earlier)::bigint)
      """)
    guard rows.affectedRows == 1 || earlier != nil else {
      throw .unexpected(
        operation: "schema_migrations", what: "the row of \(version) was deleted meanwhile")
    }
  }

  /// Records which statement may be executed without being counted; nil where there is none.
  func setDoubt(about number: Int?, version: String, set: String) throws(PostgresError) {
    try connection.query(
      """
      UPDATE public.schema_migrations SET in_doubt = \(number)::int
      WHERE \(Self.row(of: version, set: set)) AND in_doubt IS DISTINCT FROM \(number)::int
      """)
  }

  /// Records that undoing a migration has begun.
  func beginReverting(_ version: String, set: String, statements: Int) throws(PostgresError) {
    try connection.query(
      """
      UPDATE public.schema_migrations
      SET state = 'reverting', statements_done = 0, statements = \(statements)::int,
          in_doubt = NULL
      WHERE \(Self.row(of: version, set: set))
      """)
  }

  /// Deletes the row of a migration that was undone.
  func remove(_ version: String, set: String) throws(PostgresError) {
    try connection.query(
      "DELETE FROM public.schema_migrations WHERE \(Self.row(of: version, set: set))")
  }

  /// Accepts a changed file from now on; the text that was applied stays recorded.
  func accept(_ migration: SQLMigration, set: String) throws(PostgresError) {
    try connection.query(
      """
      UPDATE public.schema_migrations
      SET accepted_checksum = \(migration.checksum.description),
          note = concat_ws('; ', note, 'changed file accepted by --force at '
            || to_char(clock_timestamp() AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS') || ' UTC: '
            || \(migration.checksum.description))
      WHERE \(Self.row(of: migration.version, set: set))
      """)
  }
}
