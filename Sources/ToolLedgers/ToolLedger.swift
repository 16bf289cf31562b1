internal import OwnSchema
package import Postgres
package import SQLText

/// The table in which another tool lists the migrations that it has applied, and its contents.
package struct ToolLedger: Sendable {
  /// A migration that the tool has applied.
  package struct Record: Sendable, Equatable {
    /// The version; nil where the tool records only a name.
    package let version: String?
    /// The name; nil where the tool records only a version.
    package let name: String?
    /// The time at which the migration was applied, as the server writes it; nil where the tool
    /// does not record the time.
    package let appliedAt: String?
    /// False where the tool says that the migration has failed or has not ended.
    package let isComplete: Bool

    /// The words by which an operator finds the row in the table.
    package var description: String {
      guard let version else { return name ?? "" }
      return name.map { "\(version) \($0)" } ?? version
    }
  }

  /// The tool that has made the table.
  package let tool: MigrationTool
  /// The table's full name, as SQL writes it.
  package let table: String
  /// The table's name in messages.
  package let name: String
  /// The applied migrations, oldest first.
  package let records: [Record]

  /// True where the table lists only the newest applied migration, so that all earlier ones are
  /// applied, too.
  package var listsNewestOnly: Bool { tool.listsNewestOnly }

  /// Reads the table of a tool, in a transaction that writes nothing.
  private init(
    _ tool: MigrationTool, table: String, written: String, on connection: Connection
  ) throws {
    let rows = try connection.transaction(readOnly: true) {
      try connection.query(tool.query(SQL(script: table)))
    }
    self.tool = tool
    self.table = table
    name = written.replacing("\"", with: "")
    records = try rows.map { (row) throws(PostgresError) in
      Record(
        version: try rows.optional(row, 0), name: try rows.optional(row, 1),
        appliedAt: try rows.optional(row, 2), isComplete: try rows.value(row, 3))
    }
  }

  // MARK: Finding them

  /// Finds the tool that a table belongs to, by the table's columns; nil where they fit no tool.
  ///
  /// - Parameter table: the table's full name, as SQL writes it.
  /// - Throws: where there is no such table, or a view has that name.
  package static func tool(of table: String, on connection: Connection) throws -> MigrationTool? {
    let rows = try connection.query(ToolLedgersQueries.columns(table: table))
    guard rows.rowCount > 0 else {
      throw SchemaError("there is no table \(table)", remedy: "give the table's name and schema")
    }
    let kind: String = try rows.value(0, 0)
    // Reading a view would run functions of its owner.
    guard kind == "r" || kind == "p" else {
      throw SchemaError(
        "\(table), which belongs to role \(try rows.value(0, 1, as: String.self)), is no table",
        remedy: "name the table in which the other tool lists its migrations")
    }
    var columns: [String: String] = [:]
    for row in 0..<rows.rowCount {
      guard let name: String = try rows.optional(row, 2) else { continue }
      columns[name] = try rows.optional(row, 3) ?? ""
    }
    // The ledger of this program itself.
    if columns["statements_done"] != nil { return nil }
    return try MigrationTool.known.first { tool in
      guard tool.recognises(columns) else { return false }
      guard let neighbour = tool.neighbour else { return true }
      return try connection.scalar(
        ToolLedgersQueries.hasNeighbour(table: table, neighbour: neighbour)) ?? false
    }
  }

  /// Reads the table with this name; throws where its columns are those of no known tool.
  package static func read(_ name: QualifiedName, on connection: Connection) throws -> ToolLedger {
    let table = try connection.fullName(asWritten: name.quoted) ?? name.quoted
    guard let tool = try tool(of: table, on: connection) else {
      throw SchemaError(
        "the columns of \(table) are those of no tool that this program knows",
        remedy:
          "mark the applied migrations with vector-ferry schema baseline VERSION instead")
    }
    return try ToolLedger(tool, table: table, written: name.description, on: connection)
  }

  /// Finds the table of a tool that files in one of these forms are written for; nil where there is
  /// no such table, or the table lists no migration.
  package static func find(for forms: Set<MigrationForm>, on connection: Connection) throws
    -> ToolLedger?
  {
    for tool in MigrationTool.known where !tool.forms.isDisjoint(with: forms) {
      for written in tool.tables {
        guard let table = try connection.fullName(asWritten: written),
          try self.tool(of: table, on: connection)?.name == tool.name
        else { continue }
        let found = try ToolLedger(tool, table: table, written: written, on: connection)
        if !found.records.isEmpty { return found }
      }
    }
    return nil
  }

  /// Finds the tables of all known tools in the database, each in the first schema of the
  /// operator's search path that has it.
  package static func all(on connection: Connection) throws -> [ToolLedger] {
    var seen: Set<String> = []
    var found: [ToolLedger] = []
    for written in MigrationTool.known.flatMap(\.tables) {
      guard let table = try connection.fullName(asWritten: written), seen.insert(table).inserted,
        let tool = try? tool(of: table, on: connection)
      else { continue }
      found.append(try ToolLedger(tool, table: table, written: written, on: connection))
    }
    return found
  }
}
