internal import MigrationFiles
internal import OwnSchema
internal import SQLText
internal import Postgres

/// The migrations that another tool has recorded as applied in a database.
struct ToolRecord: Equatable {
  /// The name of the tool's own table.
  let table: String
  /// The number of applied migrations in the table.
  let count: Int
  /// The newest applied migration, as the tool names it in the table.
  let newest: String

  /// Reads the applied migrations in the table of the tool that the folder's files are written for.
  ///
  /// Returns nil where the database has no such table, or where the table lists no migration.
  static func read(of forms: Set<MigrationForm>, on connection: Connection) throws(PostgresError)
    -> ToolRecord?
  {
    for (form, table, query) in known where forms.contains(form) {
      // The tool itself finds its table by that name.
      guard let place = try connection.fullName(asWritten: table) else { continue }
      let rows = try connection.query(query(SQL(script: place)))
      guard rows.rowCount > 0 else { continue }
      return ToolRecord(table: table, count: rows.rowCount, newest: try rows.value(0, 0))
    }
    return nil
  }

  /// Returns the query of a tool's applied migrations, given the full name of the tool's table.
  private typealias TableQuery = @Sendable (SQL) -> SQL

  /// The tools, each with its table and the query of its applied migrations, newest first.
  private static let known: [(form: MigrationForm, table: String, query: TableQuery)] = [
    (.goose, "goose_db_version", { MigrationLedgerQueries.goose(table: $0) }),
    (
      .sqlMigrate, "gorp_migrations",
      { "SELECT id FROM \($0) ORDER BY applied_at DESC, id DESC" }
    ),
    (
      .tern, "schema_version",
      {
        """
        SELECT n::text FROM \($0), generate_series(1, version) AS n ORDER BY n DESC
        """
      }
    ),
    (.nodePgMigrate, "pgmigrations", { "SELECT name FROM \($0) ORDER BY run_on DESC, id DESC" }),
    (
      .flyway, "flyway_schema_history",
      {
        """
        SELECT version FROM \($0) WHERE success AND version IS NOT NULL
        ORDER BY installed_rank DESC
        """
      }
    ),
    (.sqitch, "sqitch.changes", { "SELECT change FROM \($0) ORDER BY committed_at DESC" }),
    (
      .drizzle, "drizzle.__drizzle_migrations",
      { "SELECT id::text FROM \($0) ORDER BY id DESC" }
    ),
    (
      .pairs, "_sqlx_migrations",
      { "SELECT version::text FROM \($0) WHERE success ORDER BY version DESC" }
    ),
    (
      .plain, "_sqlx_migrations",
      { "SELECT version::text FROM \($0) WHERE success ORDER BY version DESC" }
    ),
    (
      .plain, "supabase_migrations.schema_migrations",
      { "SELECT version FROM \($0) ORDER BY version DESC" }
    ),
  ]
}

extension SetState {
  /// Throws where another tool, which the folder's files are written for, has applied these
  /// migrations in this database: applying them again would fail or repeat changes.
  ///
  /// Does not throw once the ledger has a row of the set, because the operator has then recorded
  /// the applied migrations.
  func refuseAppliedElsewhere(on connection: Connection) throws {
    guard !set.isBundled, applied.isEmpty,
      let record = try ToolRecord.read(of: set.forms, on: connection)
    else { return }
    throw SchemaError(
      "\(record.table) in this database says that \(record.count) of the folder's migrations are "
        + "applied, up to \(record.newest), but the ledger lists none of them",
      remedy:
        "mark these migrations with schema baseline, then run schema up; or continue with the "
        + "tool that keeps that table; --force applies all of them again"
    )
  }
}
