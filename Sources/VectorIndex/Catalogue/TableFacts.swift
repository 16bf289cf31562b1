package import Postgres
package import Layouts
package import OwnSchema

/// A table of documents and what is known about it before an index is built.
package struct TableFacts: Sendable, Equatable {
  /// The table.
  package let table: VectorTable
  /// Where pgvector's types and operators live.
  package let vectorSchema: Identifier
  /// pgvector's version.
  package let vectorVersion: VersionNumber
  /// Its rows, and how they are known.
  package let rowCount: RowCount
  /// It is divided into partitions.
  package let isPartitioned: Bool
  /// The role may build indexes on it: it is the owner, or one of the owner's.
  package let isOwned: Bool
  /// Other sessions that are connected to the database.
  package let otherSessions: Int
  /// The column that an index is for.
  package internal(set) var column: Identifier = "embedding"

  /// The number of its rows; 0 where it is not known.
  package var rows: Int { rowCount.number }

  /// The number of its rows in words: `12 rows`, `about 12 rows`.
  package var shownRows: String {
    switch rowCount {
    case .counted(let rows): "\(rows) rows"
    case .estimated(let rows): "about \(rows) rows"
    case .unknown: "rows that row-level security hides"
    }
  }

  /// Looks at the table; throws what stands against an index on it.
  ///
  /// - Parameter ignoring: processes that belong to this very run.
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

  /// Looks at a table of any form, whose column is known to have the dimensions of `table`.
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

  /// Refuses where searches would be compared with a part of the rows, or go through several
  /// indexes.
  func requireMeasurable() throws(SchemaError) {
    if isPartitioned {
      throw SchemaError(
        "\(table.name) is partitioned: each partition has an index of its own",
        remedy: "name one of them with --table")
    }
    guard table.hasActiveRowSecurity else { return }
    throw SchemaError(
      "row-level security hides rows of \(table.name) from this role: no search can be measured",
      remedy: "connect as a superuser, or as a role with BYPASSRLS")
  }

  private static func otherSessions(_ connection: Connection, ignoring own: [Int]) throws -> Int {
    let rows = try connection.query(
      """
      SELECT pid FROM pg_stat_activity
      WHERE datname = current_database() AND pid <> pg_backend_pid()
        -- Of another role's session the kind is not told.
        AND coalesce(backend_type, 'client backend') = 'client backend'
      """)
    let others: [Int] = try rows.map { (row) throws(PostgresError) in try rows.value(row, 0) }
    return others.count { !own.contains($0) }
  }
}
