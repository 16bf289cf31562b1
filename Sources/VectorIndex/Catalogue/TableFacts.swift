package import Postgres
package import Layouts
package import OwnSchema

/// A table of documents, and the facts about it that are known before an index is built.
package struct TableFacts: Sendable, Equatable {
  /// The table that the facts are about.
  package let table: VectorTable
  /// The schema of pgvector's types and operators.
  package let vectorSchema: Identifier
  /// pgvector's version.
  package let vectorVersion: VersionNumber
  /// How many rows the table has, and how that number is known.
  package let rowCount: RowCount
  /// True where the table is divided into partitions.
  package let isPartitioned: Bool
  /// True where the role may build indexes on the table: as its owner, or as a member of the owner.
  package let isOwned: Bool
  /// How many other sessions are connected to the database.
  package let otherSessions: Int
  /// The column that an index is for.
  package internal(set) var column: Identifier = "embedding"

  /// How many rows the table has; 0 where that is not known.
  package var rows: Int { rowCount.number }

  /// The number of rows in words: `12 rows`, `about 12 rows`.
  package var shownRows: String {
    switch rowCount {
    case .counted(let rows): "\(rows) rows"
    case .estimated(let rows): "about \(rows) rows"
    case .unknown: "rows that row-level security hides"
    }
  }

  /// Reads the facts of a table; throws where there is no such table, or no pgvector.
  ///
  /// - Parameter ignoring: the server processes of this run, which are not counted as other
  ///   sessions.
  package static func read(
    _ connection: Connection, table name: QualifiedName, ignoring own: [Int] = []
  ) throws -> TableFacts {
    let server = try ServerFacts.read(connection)
    _ = try vector(of: server)
    let full = try server.qualified(name, on: connection)
    guard let table = try VectorTable.find(full, on: connection) else {
      throw SchemaError(
        "there is no table \(full)",
        remedy: "migrate first, or name another table with --table")
    }
    return try read(connection, table: table, ignoring: own)
  }

  private static func vector(of server: ServerFacts) throws(SchemaError) -> (
    version: VersionNumber, schema: Identifier
  ) {
    guard let version = server.vectorVersion, let schema = server.vectorSchema else {
      throw SchemaError(
        "extension \"vector\" is not in this database",
        remedy: "migrate first, or run: CREATE EXTENSION vector")
    }
    return (version, schema)
  }

  /// Reads the facts of a table of any form, whose column is known to have the dimensions of
  /// `table`.
  package static func read(
    _ connection: Connection, table: VectorTable, column: Identifier = "embedding",
    ignoring own: [Int]
  ) throws -> TableFacts {
    let vector = try vector(of: try ServerFacts.read(connection))
    let row = try connection.query(
      """
      SELECT relkind::text, pg_has_role(relowner, 'USAGE') FROM pg_class
      WHERE oid = to_regclass(\(table.catalogueName))
      """)
    return TableFacts(
      table: table, vectorSchema: vector.schema, vectorVersion: vector.version,
      rowCount: try table.rowCount(on: connection),
      isPartitioned: try row.value(0, 0, as: String.self) == "p", isOwned: try row.value(0, 1),
      otherSessions: try otherSessions(connection, ignoring: own), column: column)
  }

  /// Refuses a table in which searches would be compared with only a part of the rows, or would use
  /// several indexes.
  func requireMeasurable() throws(SchemaError) {
    if isPartitioned {
      throw SchemaError(
        "\(table.name) is partitioned: each partition has an index of its own",
        remedy: "name a partition with --table")
    }
    guard table.hasActiveRowSecurity else { return }
    throw SchemaError(
      "row-level security hides rows of \(table.name) from this role: no search can be measured",
      remedy: "connect as a superuser, or as a role with BYPASSRLS")
  }

  private static func otherSessions(_ connection: Connection, ignoring own: [Int]) throws -> Int {
    let rows = try connection.query(CatalogueQueries.otherSessions)
    let others: [Int] = try rows.map { (row) throws(PostgresError) in try rows.value(row, 0) }
    return others.count { !own.contains($0) }
  }
}
