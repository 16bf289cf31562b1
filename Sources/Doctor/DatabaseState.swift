package import Ledger
package import Dimensions
package import Postgres
package import Layouts
package import OwnSchema

/// The state of a database before a run, as the planner needs it; reading it changes nothing.
package struct DatabaseState {
  package let connection: Connection
  /// The full name of the table of documents, even if the table does not exist.
  package let name: QualifiedName
  /// The facts about the server and the role.
  package let facts: ServerFacts
  /// The version of schema `vector_ferry`; zero where the schema does not exist.
  package let schemaVersion: Int
  /// The table of documents; nil where it does not exist.
  package let table: VectorTable?
  /// The number of rows in the table of documents; zero where there is no table.
  package var rows = 0
  /// The application's triggers and rules that fire when rows of the table are written.
  package var triggers: [String] = []
  /// The event triggers that fire when tables and other objects are created.
  package var eventTriggers: [EventTrigger] = []
  /// The tables whose foreign keys delete or change their own rows when documents are deleted or
  /// changed.
  package var referring: [ReferringTable] = []
  /// The table and its embedding model, where the table's texts were embedded again; nil otherwise.
  package var reembedded: ReembeddedTable?

  /// The schemas that must not hold a table of documents.
  static let foreignSchemas = ["vector_ferry", "pg_catalog", "information_schema"]

  /// Reads the state of the database; throws where something would stop a run.
  ///
  /// - Parameters:
  /// - keepsOriginals: true where the run needs the type `halfvec`.
  /// - adopts: true where the run also changes rows that the program has not written.
  package static func read(
    _ connection: Connection, table wanted: QualifiedName, keepsOriginals: Bool = false,
    adopts: Bool = false
  ) throws -> DatabaseState {
    let facts = try ServerFacts.read(connection)
    if let obstacle = facts.obstacle { throw obstacle }
    if keepsOriginals, let obstacle = facts.halfvecObstacle { throw obstacle }
    let name = try facts.qualified(wanted, on: connection)
    if let schema = name.schema?.name,
      foreignSchemas.contains(schema)
    {
      throw SchemaError(
        "schema \(schema) is not for tables of documents",
        remedy: "name another table with --table")
    }
    let table = try VectorTable.find(name, on: connection)
    if let obstacle = try table?.persistenceObstacle(on: connection) { throw obstacle }
    if let obstacle = try FerrySchema.foreignOwnership(of: table?.catalogueName, on: connection) {
      throw obstacle
    }
    if let obstacle = try VectorTable.foreignFunctions(name, table, on: connection).first {
      throw obstacle
    }
    let missing = MissingRights(
      connection: connection, facts: facts, name: name, table: table, adopts: adopts)
    if let obstacle = try missing.found().first { throw obstacle }
    let version = try FerrySchema.installedVersion(on: connection)
    guard version <= FerrySchema.currentVersion else { throw FerrySchema.newer(version) }
    var state = DatabaseState(
      connection: connection, name: name, facts: facts, schemaVersion: version, table: table)
    state.eventTriggers = try EventTrigger.enabled(on: connection)
    if let table {
      state.triggers = try table.triggers(on: connection)
      state.referring = try References(to: table, on: connection).tables()
      state.rows = try connection.handlingRows { try table.rowCount(on: connection).number }
      state.reembedded = try ReembeddedTable(table, on: connection)
    }
    return state
  }
}
