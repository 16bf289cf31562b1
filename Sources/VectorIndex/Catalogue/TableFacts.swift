package import Postgres
package import Layouts
package import OwnSchema

/// The facts about a table of documents that are needed before an index is built.
package struct TableFacts: Sendable, Equatable {
  /// The table that the facts are about.
  package let table: VectorTable
  /// The schema of pgvector's types and operators.
  package let vectorSchema: Identifier
  /// The version of pgvector in the database.
  package let vectorVersion: VersionNumber
  /// The number of rows, and how that number is known.
  package let rowCount: RowCount
  /// True where the table is divided into partitions.
  package let isPartitioned: Bool
  /// True where the role owns the table, or is a member of the owner, so that it may build indexes.
  package let isOwned: Bool
  /// The number of other sessions that are connected to the database.
  package let otherSessions: Int
  /// The column whose vectors are indexed.
  package internal(set) var column: Identifier = "embedding"

  /// The number of rows; zero where the number is not known.
  package var rows: Int { rowCount.number }

  /// The number of rows in words: `12 rows`, `about 12 rows`.
  package var shownRows: String {
    switch rowCount {
    case .counted(let rows): "\(rows) rows"
    case .estimated(let rows): "about \(rows) rows"
    case .unknown: "rows that row-level security hides"
    }
  }

  /// Reads the facts about a table; throws where the table or pgvector does not exist.
  ///
  /// - Parameter ignoring: the server processes of this program, which do not count as other
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

  /// Reads the facts about a table whose vector column is known already, such as a table with other
  /// columns than this program's own.
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

  /// Throws where the quality of searches cannot be measured: the table is partitioned, or
  /// row-level security hides some of its rows.
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
