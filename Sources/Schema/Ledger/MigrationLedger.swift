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

  /// The kind of table that is called `public.schema_migrations`.
  enum Shape: Equatable {
    case absent
    /// The ledger of this program; `keepsDoubt` is false for a ledger without the column
    /// `in_doubt`.
    case ours(keepsDoubt: Bool)
    /// The table of another tool, with that tool's name.
    case foreign(String)
  }

  /// Finds out which kind of table has the ledger's name; writes nothing.
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

  /// Returns the name of the tool whose table `schema_migrations` has these columns; the columns
  /// are given with their types.
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

  /// Returns the error for a `schema_migrations` that is the table of another tool.
  static func foreign(_ tool: String) -> SchemaError {
    SchemaError(
      "schema_migrations in this database is the table of \(tool)",
      remedy:
        "continue with that tool, or rename its table and mark the applied migrations with "
        + "vector-ferry schema baseline"
    )
  }

  /// Returns true where the ledger has the column `in_doubt`; nil where there is no ledger.
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

  /// Creates the ledger's table if it does not exist; the caller holds the lock for migrations.
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

  /// Reads the rows of all migrations of a set; returns none where there is no ledger.
  func rows(of set: String) throws -> [LedgerRow] {
    guard let keepsDoubt = try keepsDoubt() else { return [] }
    return try read("set = \(set)", keepsDoubt: keepsDoubt).sorted {
      versionPrecedes($0.version, $1.version)
    }
  }

  /// Reads the ledger's row of a migration; nil where there is none.
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

  /// Returns the batch number for the next run: the highest batch number of the set's rows, plus
  /// one.
  func nextBatch(of set: String) throws(PostgresError) -> Int {
    try connection.scalar(
      "SELECT coalesce(max(batch), 0) + 1 FROM public.schema_migrations WHERE set = \(set)") ?? 1
  }
}
