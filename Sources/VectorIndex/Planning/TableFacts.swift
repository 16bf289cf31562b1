public import Postgres
public import Schema

/// A table of documents and what is known about it before an index is built.
public struct TableFacts: Sendable, Equatable {
  /// The table.
  public let table: VectorTable
  /// Where pgvector's types and operators live.
  public let vectorSchema: Identifier
  /// pgvector's version.
  public let vectorVersion: VersionNumber
  /// Its rows, counted.
  public let rows: Int
  /// It is divided into partitions.
  public let isPartitioned: Bool
  /// The role may build indexes on it: it is the owner, or one of the owner's.
  public let isOwned: Bool
  /// Other sessions that are connected to the database.
  public let otherSessions: Int

  /// Looks at the table; throws what stands against an index on it.
  ///
  /// - Parameter ignoring: processes that belong to this very run.
  public static func read(
    _ connection: Connection, table name: QualifiedName, ignoring own: [Int] = []
  ) throws -> TableFacts {
    let server = try ServerFacts.read(connection)
    _ = try vector(of: server)
    guard let table = try VectorTable.find(server.qualified(name), on: connection) else {
      throw SchemaError(
        "there is no table \(server.qualified(name))",
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

  static func read(
    _ connection: Connection, table: VectorTable, ignoring own: [Int]
  ) throws -> TableFacts {
    let vector = try vector(of: try ServerFacts.read(connection))
    let row = try connection.query(
      """
      SELECT relkind::text, pg_has_role(relowner, 'USAGE') FROM pg_class
      WHERE oid = to_regclass(\(table.catalogueName))
      """)
    let rows: Int? = try connection.scalar("SELECT count(*) FROM \(table.name)")
    return TableFacts(
      table: table, vectorSchema: vector.schema, vectorVersion: vector.version, rows: rows ?? 0,
      isPartitioned: try row.value(0, 0, as: String.self) == "p", isOwned: try row.value(0, 1),
      otherSessions: try otherSessions(connection, ignoring: own))
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
