internal import MigrationFiles
internal import Postgres

extension MigrationLedger {
  /// Writes a migration's row, new or in place of a half-way one.
  func record(
    _ migration: SQLMigration, set: String, batch: Int, state: LedgerRow.State, done: Int,
    seconds: Double = 0, note: String? = nil
  ) throws(PostgresError) {
    // The row of the same number, however its file was called then, is the row to write to.
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

  /// The one row of a migration: versions are numbers, `1` and `01` the same one.
  static func row(of version: String, set: String) -> SQL {
    let number = String(version.drop { $0 == "0" })
    return "set = \(set) AND ltrim(version, '0') = \(number)"
  }

  /// Notes how many statements of a half-way migration are done.
  ///
  /// - Parameter earlier: counts only where so many are counted so far.
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
        operation: "schema_migrations", what: "the row of \(version) has gone meanwhile")
    }
  }

  /// Notes which statement may be carried out without being counted; nil where none may.
  func setDoubt(about number: Int?, version: String, set: String) throws(PostgresError) {
    try connection.query(
      """
      UPDATE public.schema_migrations SET in_doubt = \(number)::int
      WHERE \(Self.row(of: version, set: set)) AND in_doubt IS DISTINCT FROM \(number)::int
      """)
  }

  /// Marks that a way down has begun.
  func beginReverting(_ version: String, set: String, statements: Int) throws(PostgresError) {
    try connection.query(
      """
      UPDATE public.schema_migrations
      SET state = 'reverting', statements_done = 0, statements = \(statements)::int,
          in_doubt = NULL
      WHERE \(Self.row(of: version, set: set))
      """)
  }

  /// Takes a migration's row away: it has been undone.
  func remove(_ version: String, set: String) throws(PostgresError) {
    try connection.query(
      "DELETE FROM public.schema_migrations WHERE \(Self.row(of: version, set: set))")
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
      WHERE \(Self.row(of: migration.version, set: set))
      """)
  }
}
