internal import Ledger
internal import Postgres
internal import Layouts
internal import OwnSchema

/// The rights that a run needs and the session's role lacks, each with the statement that grants
/// it.
struct MissingRights {
  let connection: Connection
  let facts: ServerFacts
  /// The table of documents, with its schema.
  let name: QualifiedName
  /// The table of documents; nil where the table does not exist or cannot take rows.
  let table: VectorTable?
  /// True where the run also changes rows that the program has not written.
  var adopts = false

  private var role: String { Identifier(facts.role).quoted }

  /// Returns all missing rights, in the order in which a run needs them.
  func found() throws(PostgresError) -> [SchemaError] {
    try ledger() + documents()
  }

  /// Returns the missing rights without which the role cannot create the schema vector_ferry or
  /// write to it.
  private func ledger() throws(PostgresError) -> [SchemaError] {
    let row = try connection.query(
      """
      SELECT n.oid, has_schema_privilege(n.oid, 'USAGE'), pg_has_role(n.nspowner, 'USAGE'),
             pg_get_userbyid(n.nspowner)::text
      FROM pg_namespace n WHERE n.nspname = \(FerrySchema.name.name)
      """)
    guard row.rowCount == 1 else {
      guard !facts.mayCreateSchemas else { return [] }
      return [
        SchemaError(
          "role \(facts.role) may not create the schema vector_ferry",
          remedy: "GRANT CREATE ON DATABASE \(Identifier(facts.database).quoted) TO \(role)")
      ]
    }
    guard try row.value(0, 1) else {
      return [
        SchemaError(
          "role \(facts.role) may not use the schema vector_ferry",
          remedy: LedgerAccess.grants(to: facts.role) + "; " + writing)
      ]
    }
    let version = try ledgerVersion()
    if let version, version < FerrySchema.currentVersion, try !row.value(0, 2, as: Bool.self) {
      let owner: String = try row.value(0, 3)
      return [
        SchemaError(
          "role \(facts.role) may not upgrade schema vector_ferry from version \(version) to "
            + "\(FerrySchema.currentVersion): the role is not the schema's owner",
          remedy: "run once as the owner, or GRANT \(Identifier(owner).quoted) TO \(role)")
      ]
    }
    return try ledgerTables()
  }

  /// Returns the installed version of the schema vector_ferry; nil where the role may not read it.
  private func ledgerVersion() throws(PostgresError) -> Int? {
    let mayRead: Bool? = try connection.scalar(
      """
      SELECT has_table_privilege(c.oid, 'SELECT') FROM pg_class c
      WHERE c.oid = to_regclass('vector_ferry.version')
      """)
    return mayRead == true ? try FerrySchema.installedVersion(on: connection) : nil
  }

  /// Returns the missing rights on the ledger's tables; without them a run fails at its first
  /// store.
  private func ledgerTables() throws(PostgresError) -> [SchemaError] {
    let rows = try connection.query(ExaminationQueries.missingLedgerRights)
    guard rows.rowCount > 0 else { return [] }
    var words: [String] = []
    for index in 0..<rows.rowCount {
      words.append(
        "\(try rows.value(index, 0, as: String.self)) on \(try rows.value(index, 1, as: String.self))"
      )
    }
    return [
      SchemaError(
        "role \(facts.role) lacks \(words.joined(separator: ", ")) in schema vector_ferry",
        remedy: writing)
    ]
  }

  private var writing: String {
    "GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA vector_ferry TO \(role)"
  }

  /// Returns the missing rights without which the role cannot create the table of documents or
  /// write to it.
  private func documents() throws(PostgresError) -> [SchemaError] {
    guard let table else { return try making() }
    var missing: [String] = []
    // Rows that already exist are changed in place, which needs the right UPDATE.
    let changes = adopts ? true : try hasStores(in: table)
    for right in ["SELECT", "INSERT", "DELETE"] + (changes ? ["UPDATE"] : []) {
      let has: Bool? = try connection.scalar(
        "SELECT has_table_privilege(to_regclass(\(table.name.quoted)), \(right))")
      if has != true { missing.append(right) }
    }
    guard !missing.isEmpty else { return [] }
    let rights = missing.joined(separator: ", ")
    return [
      SchemaError(
        "role \(facts.role) lacks \(rights) on table \(table.name)",
        remedy: "GRANT \(rights) ON \(table.name.quoted) TO \(role)")
    ]
  }

  /// Returns true where the ledger lists stores of the table; false where it lists no such store,
  /// or the role may not read the ledger.
  private func hasStores(in table: VectorTable) throws(PostgresError) -> Bool {
    let mayRead: Bool? = try connection.scalar(
      """
      SELECT has_schema_privilege(c.relnamespace, 'USAGE') AND has_table_privilege(c.oid, 'SELECT')
      FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
      WHERE n.nspname = \(FerrySchema.name.name) AND c.relname = 'stores'
      """)
    guard mayRead == true else { return false }
    return try connection.scalar(
      "SELECT EXISTS (SELECT FROM vector_ferry.stores WHERE table_name = \(table.catalogueName))")
      == true
  }

  private func making() throws(PostgresError) -> [SchemaError] {
    guard let schema = name.schema ?? facts.currentSchema else {
      return [
        SchemaError(
          "no schema of the search path exists", remedy: "name one: --table schema.table")
      ]
    }
    let exists: Bool? = try connection.scalar(
      "SELECT EXISTS (SELECT FROM pg_namespace WHERE nspname = \(schema.name))")
    guard exists == true else {
      return [
        SchemaError(
          "schema \(schema.name) does not exist", remedy: "CREATE SCHEMA \(schema.quoted)")
      ]
    }
    let may: Bool? = try connection.scalar(
      "SELECT has_schema_privilege(\(schema.name), 'CREATE')")
    guard may != true else { return [] }
    return [
      SchemaError(
        "role \(facts.role) may not create tables in schema \(schema.name)",
        remedy: "GRANT CREATE ON SCHEMA \(schema.quoted) TO \(role)")
    ]
  }
}
