internal import MigrationFiles
internal import OwnSchema
package import Postgres
internal import ToolLedgers

extension QualifiedName {
  /// The table of applied migrations, unless the operator chooses another table.
  package static let usualLedger = QualifiedName(schema: "public", "schema_migrations")
}

/// The table of the applied migrations of each set, usually `schema_migrations` in the schema
/// `public`.
///
/// `SELECT version, applied_at, description FROM schema_migrations ORDER BY applied_at` always
/// works.
struct MigrationLedger {
  let connection: Connection
  let table: QualifiedName

  /// The kind of table that has the ledger's name.
  enum Shape: Equatable {
    case absent
    /// The ledger of this program; `keepsDoubt` is false for a ledger without the column
    /// `in_doubt`.
    case ours(keepsDoubt: Bool)
    /// The table of another tool, in words such as `the ledger of knex`.
    case foreign(String)
  }

  /// Finds out which kind of table has the ledger's name; writes nothing.
  func shape() throws -> Shape {
    let found = try connection.query(MigrationLedgerQueries.columns(ledger: table.quoted))
    guard found.rowCount > 0 else { return .absent }
    let columns = Set(try (0..<found.rowCount).map { try found.value($0, 0, as: String.self) })
    let own: Set = ["set", "version", "checksum", "batch", "state", "statements_done", "up_sql"]
    if own.isSubset(of: columns) { return .ours(keepsDoubt: columns.contains("in_doubt")) }
    try refuseOtherKinds()
    if let tool = try ToolLedger.tool(of: table.quoted, on: connection) {
      return .foreign("the ledger of \(tool.name)")
    }
    return .foreign(
      "a table of something else (its columns: \(columns.sorted().joined(separator: ", ")))")
  }

  /// Returns the error for a table of another tool that has the ledger's name.
  private func foreign(_ owner: String) throws -> SchemaError {
    let known = try Self.all(on: connection).first
    return SchemaError(
      "\(table) in this database is \(owner), not of this program",
      remedy: known.map { "this program's own ledger is \($0): add --ledger \($0)" }
        ?? "leave that table as it is, and choose another one for this program's ledger, such as "
        + "--ledger \(Self.example); with the same option, vector-ferry schema adopt takes over "
        + "what that tool has applied")
  }

  /// A table that messages name as an example of another place for the ledger.
  static let example = QualifiedName(schema: "public", "vector_ferry_migrations")

  /// Finds the ledgers of this program in all schemas.
  static func all(on connection: Connection) throws(PostgresError) -> [QualifiedName] {
    let rows = try connection.query(
      MigrationLedgerQueries.ledgers(trusted: TrustedRoles().tables))
    return try rows.map { (row) throws(PostgresError) in
      QualifiedName(
        schema: Identifier(try rows.value(row, 0)), Identifier(try rows.value(row, 1)))
    }
  }

  /// Throws where the ledger's table does not exist, and another ledger lists migrations of the
  /// set: the run would apply these migrations again.
  private func refuseSecondLedger(of set: String) throws {
    for other in try Self.all(on: connection) {
      let lists: Bool? = try connection.scalar(
        "SELECT EXISTS (SELECT FROM \(other) WHERE set = \(set))")
      guard lists == true else { continue }
      throw SchemaError(
        "\(table) does not exist, but the ledger \(other) lists migrations of the set \(set)",
        remedy:
          "add --ledger \(other); to keep another ledger of this set, first rename that table")
    }
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
    case .foreign(let owner): throw try foreign(owner)
    }
  }

  /// Creates the ledger's table if it does not exist; the caller holds the lock for migrations.
  func ensure() throws { try connection.asProgram { try make() } }

  private func make() throws {
    if let keepsDoubt = try keepsDoubt() {
      try refuseForeignOwners()
      if !keepsDoubt {
        try connection.execute(
          script: "ALTER TABLE \(table) ADD COLUMN in_doubt int")
      }
      return
    }
    if let schema = table.schema {
      let isThere: Bool? = try connection.scalar(
        "SELECT to_regnamespace(\(schema.quoted)) IS NOT NULL")
      if isThere != true { try connection.execute(script: "CREATE SCHEMA \(schema)") }
    }
    let file = FerryFiles.file("schema_migrations", in: FerryFiles.objects)
    try connection.execute(script: file.script(variables: ["ledger": table.quoted]))
  }

  /// Reads the rows of all migrations of a set; returns none where there is no ledger.
  func rows(of set: String) throws -> [LedgerRow] {
    guard let keepsDoubt = try keepsDoubt() else {
      try refuseSecondLedger(of: set)
      return []
    }
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
        ledger: table, doubt: keepsDoubt ? "in_doubt" : "NULL::int", condition: condition))
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
      "SELECT coalesce(max(batch), 0) + 1 FROM \(table) WHERE set = \(set)") ?? 1
  }
}
