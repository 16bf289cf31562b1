package import Ledger
package import Dimensions
package import Postgres
package import Layouts
package import OwnSchema

/// What the planner knows of the database: all of it read, nothing written.
package struct DatabaseState {
  package let connection: Connection
  /// The full name of the table, whether or not it is there.
  package let name: QualifiedName
  /// The server and the role.
  package let facts: ServerFacts
  /// The version of schema `vector_ferry`; zero where it is absent.
  package let schemaVersion: Int
  /// The table, where it exists.
  package let table: VectorTable?
  /// Rows of the table; zero where there is none.
  package var rows = 0
  /// Triggers and rules of the application that fire for what is written.
  package var triggers: [String] = []
  /// Event triggers that fire for what is made.
  package var eventTriggers: [EventTrigger] = []
  /// Tables that refer to it by foreign keys that act on their rows.
  package var referring: [ReferringTable] = []
  /// The table with its model, where its texts were embedded anew.
  package var reembedded: ReembeddedTable?

  /// Schemas that belong to others.
  static let foreignSchemas = ["vector_ferry", "pg_catalog", "information_schema"]

  /// Looks at everything that could stand against a run, and throws the first that does.
  ///
  /// - Parameters:
  ///   - keepsOriginals: the run needs the type `halfvec`.
  ///   - adopts: the run changes rows that it has not written.
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
        "schema \(schema) is not for tables of documents", remedy: "name another with --table")
    }
    let table = try VectorTable.find(name, on: connection)
    if let obstacle = try table?.impermanence(on: connection) { throw obstacle }
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
