package import Postgres

/// This program's own schema, `vector_ferry`: it records what was written, for which user, and from
/// which files.
package enum FerrySchema {
  /// The schema's name.
  package static let name: Identifier = "vector_ferry"

  /// The version that this program creates and understands.
  package static let currentVersion = versions.count

  /// Returns the installed version; zero where the schema does not exist.
  package static func installedVersion(on connection: Connection) throws(PostgresError) -> Int {
    guard try has("version", on: connection) else { return 0 }
    let table = QualifiedName(schema: name, "version")
    return try connection.scalar("SELECT max(number) FROM \(table)") ?? 0
  }

  /// Returns true where the schema has a table of this name.
  ///
  /// A view does not count, because it would run functions of its owner. The catalogue is queried
  /// directly: after the session has waited for a lock, `to_regclass` may still answer from what
  /// its process had cached before.
  package static func has(_ table: String, on connection: Connection) throws(PostgresError) -> Bool
  {
    try connection.scalar(FerrySchemaQueries.hasTable(table: table)) ?? false
  }

  /// Creates the schema, or updates the schema of an earlier program; where several sessions try
  /// this at once, one session does it, and the others find it done.
  ///
  /// - Parameter table: the table of documents that the session writes to, as the catalogue writes
  ///   it.
  package static func install(for table: String? = nil, on connection: Connection) throws {
    try connection.transaction { try installInTransaction(for: table, on: connection) }
  }

  /// Creates or updates the schema in the open transaction.
  package static func installInTransaction(for table: String? = nil, on connection: Connection)
    throws
  {
    try connection.asProgram { try makeWhatIsMissing(for: table, on: connection) }
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

  /// Prevents other sessions from creating the schema until the transaction ends: if two sessions
  /// created it at the same time, one of them would fail.
  static func lock(_ connection: Connection) throws(PostgresError) {
    try connection.query("SELECT pg_advisory_xact_lock(\(AdvisoryLock.schema))")
  }

  /// Returns the schema that holds pgvector's types and operators.
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

  /// Returns the refusal of a schema that a newer program has created.
  package static func newer(_ version: Int) -> SchemaError {
    SchemaError(
      "schema vector_ferry has version \(version), this program knows version \(currentVersion)",
      remedy: "use the newer VectorFerry that made the schema")
  }
}
