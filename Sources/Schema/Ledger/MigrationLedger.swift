internal import MigrationFiles
internal import OwnSchema
internal import Postgres

/// The table `schema_migrations` in the schema `public`: the applied migrations of each set.
///
/// `SELECT version, applied_at, description FROM schema_migrations ORDER BY applied_at` always
/// works.
struct MigrationLedger {
  let connection: Connection

  static let table = QualifiedName(schema: "public", "schema_migrations")

  /// The kind of table that has the ledger's name.
  enum Shape: Equatable {
    case absent
    /// The ledger of this program; earlier versions had no column `in_doubt`.
    case ours(keepsDoubt: Bool)
    /// The table of another tool, with that tool's name.
    case foreign(String)
  }

  /// Reads the kind of table; writes nothing.
  func shape() throws(PostgresError) -> Shape {
    let found = try connection.query(MigrationLedgerQueries.columns)
    guard found.rowCount > 0 else { return .absent }
    var columns: [String: String] = [:]
    for row in 0..<found.rowCount {
      columns[try found.value(row, 0)] = try found.value(row, 1, as: String.self)
    }
    let own: Set = ["set", "version", "checksum", "batch", "state", "statements_done", "up_sql"]
    if own.isSubset(of: columns.keys) { return .ours(keepsDoubt: columns["in_doubt"] != nil) }
    return .foreign(try tool(with: columns))
  }

  /// Returns the tool that has a table of this name with such columns.
  private func tool(with columns: [String: String]) throws(PostgresError) -> String {
    let names = Set(columns.keys)
    if names.isSuperset(of: ["name", "batch", "migration_time"]) { return "knex" }
    if names == ["version", "dirty"] { return "golang-migrate" }
    if names == ["version", "inserted_at"] { return "Ecto" }
    if names == ["version"] {
      let rails: Bool? = try connection.scalar(
        "SELECT to_regclass('public.ar_internal_metadata') IS NOT NULL")
      return rails == true ? "Rails" : "dbmate or Rails"
    }
    return "another tool (its columns: \(names.sorted().joined(separator: ", ")))"
  }

  /// Creates the error where the table belongs to another tool.
  static func foreign(_ tool: String) -> SchemaError {
    SchemaError(
      "schema_migrations in this database is the table of \(tool)",
      remedy:
        "continue with that tool, or rename its table and mark the applied migrations with "
        + "schema baseline"
    )
  }

  /// Returns whether the ledger has the column `in_doubt`; nil where there is no ledger.
  ///
  /// - Throws: where the table belongs to another tool.
  private func keepsDoubt() throws -> Bool? {
    switch try shape() {
    case .absent: return nil
    case .ours(let keepsDoubt):
      try refuseOtherKinds()
      return keepsDoubt
    case .foreign(let tool): throw Self.foreign(tool)
    }
  }

  /// Creates the table if it does not exist; the caller holds the lock for migrations.
  func ensure() throws { try connection.asProgram { try make() } }

  private func make() throws {
    if let keepsDoubt = try keepsDoubt() {
      try refuseForeignOwners()
      if !keepsDoubt {
        try connection.execute(
          script: "ALTER TABLE public.schema_migrations ADD COLUMN in_doubt int")
      }
      return
    }
    try connection.execute(
      script: FerryFiles.file("schema_migrations", in: FerryFiles.objects).script())
  }

  /// Reads all rows of a set; returns none where the table does not exist.
  func rows(of set: String) throws -> [LedgerRow] {
    guard let keepsDoubt = try keepsDoubt() else { return [] }
    return try read("set = \(set)", keepsDoubt: keepsDoubt).sorted {
      versionPrecedes($0.version, $1.version)
    }
  }

  /// Reads the row of a migration; nil where it has none.
  ///
  /// `ensure` must have been called.
  func row(of version: String, set: String) throws(PostgresError) -> LedgerRow? {
    try read(Self.row(of: version, set: set), keepsDoubt: true).first
  }

  private func read(_ condition: SQL, keepsDoubt: Bool) throws(PostgresError) -> [LedgerRow] {
    let rows = try connection.query(
      MigrationLedgerQueries.rows(
        doubt: keepsDoubt ? "in_doubt" : "NULL::int", condition: condition))
    return try rows.map { (row) throws(PostgresError) in
      let accepted: String? = try rows.optional(row, 3)
      let state: String = try rows.value(row, 7)
      return LedgerRow(
        version: try rows.value(row, 0), description: try rows.value(row, 1),
        checksum: Checksum(recorded: try rows.value(row, 2)),
        acceptedChecksum: accepted.map(Checksum.init(recorded:)), batch: try rows.value(row, 4),
        appliedAt: try rows.value(row, 5), seconds: try rows.value(row, 6),
        // A constraint of the table allows no other word.
        state: LedgerRow.State(rawValue: state) ?? .applying,
        statementsDone: max(0, try rows.value(row, 8)), statements: try rows.value(row, 9),
        note: try rows.optional(row, 10), upText: try rows.value(row, 11),
        downText: try rows.optional(row, 12), inDoubt: try rows.optional(row, 13))
    }
  }

  /// Returns the number of the next run's batch.
  func nextBatch(of set: String) throws(PostgresError) -> Int {
    try connection.scalar(
      "SELECT coalesce(max(batch), 0) + 1 FROM public.schema_migrations WHERE set = \(set)") ?? 1
  }
}
