public import Postgres
public import Schema

/// What the planner knows of the database: all of it read, nothing written.
public struct DatabaseState {
  let connection: Connection
  /// The server and the role.
  public let facts: ServerFacts
  /// The version of schema `vector_ferry`; zero where it is absent.
  let schemaVersion: Int
  /// The table, where it exists.
  let table: VectorTable?
  /// Rows of the table; zero where there is none.
  var rows = 0
  /// The table with its model, where its texts were embedded anew.
  var reembedded: ReembeddedTable?

  /// Looks at everything that could stand against a run, and throws the first that does.
  ///
  /// - Parameter keepsOriginals: the run needs the type `halfvec`.
  public static func read(
    _ connection: Connection, table wanted: QualifiedName, keepsOriginals: Bool = false
  ) throws -> DatabaseState {
    let facts = try ServerFacts.read(connection)
    if let obstacle = facts.obstacle { throw obstacle }
    if keepsOriginals, let obstacle = facts.halfvecObstacle { throw obstacle }
    let name = facts.qualified(wanted)
    if let schema = name.schema?.name,
      ["vector_ferry", "pg_catalog", "information_schema"].contains(schema)
    {
      throw SchemaError(
        "schema \(schema) is not for tables of documents", remedy: "name another with --table")
    }
    let version = try FerrySchema.installedVersion(on: connection)
    guard version <= FerrySchema.currentVersion else { throw FerrySchema.newer(version) }
    let table = try VectorTable.find(name, on: connection)
    var state = DatabaseState(
      connection: connection, facts: facts, schemaVersion: version, table: table)
    if let obstacle = try state.missingRight(for: name) { throw obstacle }
    if let table {
      state.rows = try table.rowCount(on: connection).number
      state.reembedded = try ReembeddedTable(table, on: connection)
    }
    return state
  }

  /// The first right that the role lacks for a run, whatever else may stand against it.
  static func missingRight(
    on connection: Connection, facts: ServerFacts, table wanted: QualifiedName
  ) throws -> SchemaError? {
    let name = facts.qualified(wanted)
    let state = DatabaseState(
      connection: connection, facts: facts,
      schemaVersion: try FerrySchema.installedVersion(on: connection),
      table: try? VectorTable.find(name, on: connection))
    return try state.missingRight(for: name)
  }

  /// The first right that the role lacks, with the statement that grants it.
  private func missingRight(for name: QualifiedName) throws -> SchemaError? {
    let role = Identifier(facts.role).quoted
    if schemaVersion == 0, !facts.mayCreateSchemas {
      return SchemaError(
        "role \(facts.role) may not make the schema vector_ferry",
        remedy: "GRANT CREATE ON DATABASE \(Identifier(facts.database).quoted) TO \(role)")
    }
    guard let table else { return try missingCreateRight(for: name, role: role) }
    let missing = try ["SELECT", "INSERT", "DELETE"].filter { right in
      try connection.scalar(
        "SELECT has_table_privilege(to_regclass(\(table.name.quoted)), \(right))",
        as: Bool.self) != true
    }
    guard !missing.isEmpty else { return nil }
    let rights = missing.joined(separator: ", ")
    return SchemaError(
      "role \(facts.role) lacks \(rights) on table \(table.name)",
      remedy: "GRANT \(rights) ON \(table.name.quoted) TO \(role)")
  }

  private func missingCreateRight(for name: QualifiedName, role: String) throws(PostgresError)
    -> SchemaError?
  {
    guard let schema = name.schema ?? facts.currentSchema else {
      return SchemaError(
        "no schema of the search path exists", remedy: "name one: --table schema.table")
    }
    let exists: Bool? = try connection.scalar(
      "SELECT to_regnamespace(\(schema.quoted)) IS NOT NULL")
    guard exists == true else {
      return SchemaError(
        "schema \(schema.name) does not exist", remedy: "CREATE SCHEMA \(schema.quoted)")
    }
    let may: Bool? = try connection.scalar(
      "SELECT has_schema_privilege(\(schema.name), 'CREATE')")
    guard may != true else { return nil }
    return SchemaError(
      "role \(facts.role) may not make tables in schema \(schema.name)",
      remedy: "GRANT CREATE ON SCHEMA \(schema.quoted) TO \(role)")
  }
}
