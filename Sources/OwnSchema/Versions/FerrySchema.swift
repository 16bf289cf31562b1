package import Postgres

/// VectorFerry's own schema, `vector_ferry`: what it wrote, for whom, and from what.
package enum FerrySchema {
  /// The schema's name.
  package static let name: Identifier = "vector_ferry"

  /// The version that this program makes and understands.
  package static let currentVersion = versions.count

  /// The version that is there; zero where the schema is absent.
  package static func installedVersion(on connection: Connection) throws(PostgresError) -> Int {
    guard try has("version", on: connection) else { return 0 }
    let table = QualifiedName(schema: name, "version")
    return try connection.scalar("SELECT max(number) FROM \(table)") ?? 0
  }

  /// True where the schema has a table of this name.
  ///
  /// A view is none: it would run functions of whoever has made it. The catalogue is read: `to_regclass` may answer from before a lock that the session has waited
  /// for, with what its process remembers.
  package static func has(_ table: String, on connection: Connection) throws(PostgresError) -> Bool
  {
    try connection.scalar(
      """
      SELECT EXISTS (
        SELECT FROM pg_catalog.pg_class c
        JOIN pg_catalog.pg_namespace n ON n.oid OPERATOR(pg_catalog.=) c.relnamespace
        WHERE n.nspname OPERATOR(pg_catalog.=) \(name.name)::pg_catalog.text
          AND c.relname OPERATOR(pg_catalog.=) \(table)::pg_catalog.text
          AND c.relkind OPERATOR(pg_catalog.=) ANY (ARRAY['r', 'p']::pg_catalog."char"[]))
      """) ?? false
  }

  /// Makes what is missing, or brings up what an earlier program has made; one session at a time,
  /// the others find it done.
  ///
  /// - Parameter table: the table of documents that the session writes to, as the catalogue has it.
  package static func install(for table: String? = nil, on connection: Connection) throws {
    try connection.transaction { try installInTransaction(for: table, on: connection) }
  }

  /// Makes what is missing within the transaction that is open.
  package static func installInTransaction(for table: String? = nil, on connection: Connection)
    throws
  {
    try connection.asOurs { try makeWhatIsMissing(for: table, on: connection) }
  }

  private static func makeWhatIsMissing(for table: String?, on connection: Connection) throws {
    try lock(connection)
    try refuseForeignOwners(table, on: connection)
    let version = try installedVersion(on: connection)
    guard version <= currentVersion else { throw newer(version) }
    let vector = try vectorSchema(on: connection)
    if version < currentVersion {
      try bringUp(from: version, vectorSchema: vector, on: connection)
      try makeFunctions(vectorSchema: vector, on: connection)
    } else if try canRenewFunctions(on: connection) {
      try makeFunctions(vectorSchema: vector, on: connection)
    }
  }

  /// Keeps other sessions from making the schema until the transaction ends: two that make one
  /// schema at once would fail by name.
  static func lock(_ connection: Connection) throws(PostgresError) {
    try connection.query("SELECT pg_advisory_xact_lock(\(AdvisoryLock.schema))")
  }

  /// The schema that holds pgvector's types and operators.
  package static func vectorSchema(on connection: Connection) throws -> Identifier {
    let name: String? = try connection.scalar(
      """
      SELECT n.nspname::text FROM pg_extension e JOIN pg_namespace n ON n.oid = e.extnamespace
      WHERE e.extname = 'vector'
      """)
    guard let name else {
      throw SchemaError(
        "extension \"vector\" is not in this database", remedy: "run: CREATE EXTENSION vector")
    }
    return Identifier(name)
  }

  /// The refusal of a schema that a later program made.
  package static func newer(_ version: Int) -> SchemaError {
    SchemaError(
      "schema vector_ferry has version \(version), this program knows \(currentVersion)",
      remedy: "use the newer VectorFerry that made it")
  }
}
