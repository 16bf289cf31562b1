internal import OwnSchema
internal import Postgres

/// The search path for the statements of a migration: the operator's path, or a path for bundled
/// sets.
extension SchemaSession {
  /// Removes `pg_temp` from the operator's search path.
  ///
  /// Where `pg_temp` is the first schema, a table that a migration creates without a schema would
  /// be temporary, although the ledger records it as applied. Temporary tables are still found.
  /// Where no other schema is left, the server refuses to create a table without a schema.
  func removeTemporary(from path: String) throws(PostgresError) {
    try connection.asWritten { () throws(PostgresError) in
      try setPath(SearchPath(path).withoutTemporary)
    }
  }

  /// Sets the search path of a bundled set: first the server's own schema, then the operator's
  /// schemas in their order, and temporary tables last.
  ///
  /// The set's tables then are neither temporary nor in the program's own schema, and the set can
  /// write `vector` without a schema. For a session that only reads, pgvector's schema comes before
  /// the operator's schemas.
  func setSetsPath(for role: Role) throws {
    var schemas = try connection.searchedSchemas().filter {
      $0 != "pg_catalog" && $0 != FerrySchema.name
    }
    if schemas.isEmpty { schemas = ["public"] }
    if let vector = try vectorSchema() {
      if role == .verifier {
        schemas = [vector] + schemas.filter { $0 != vector }
      } else if !schemas.contains(vector) {
        schemas.append(vector)
      }
      try refuseDoubles(of: vector, in: schemas.prefix { $0 != vector })
    }
    let path = (schemas + ["pg_temp"]).map(\.quoted).joined(separator: ", ")
    try connection.asWritten { () throws(PostgresError) in try setPath(path) }
  }

  /// Returns the schema that pgvector is in; nil where pgvector is not enabled.
  private func vectorSchema() throws(PostgresError) -> Identifier? {
    let name: String? = try connection.scalar(
      """
      SELECT n.nspname::text FROM pg_extension e JOIN pg_namespace n ON n.oid = e.extnamespace
      WHERE e.extname = 'vector'
      """)
    return name.map { Identifier($0) }
  }

  /// Throws where one of the schemas has an object with the name of one of pgvector's objects,
  /// because the server would use it in place of pgvector's.
  private func refuseDoubles(of vector: Identifier, in schemas: some Collection<Identifier>) throws
  {
    for schema in schemas {
      let found: String? = try connection.scalar(
        RunningQueries.double(vectorSchema: vector.name, schema: schema.name))
      guard let found else { continue }
      throw SchemaError(
        "the \(found) would be found before pgvector's own, which is in schema \(vector.name)",
        remedy: "drop that object, or put schema \(vector.name) first in the search path")
    }
  }

  private func setPath(_ path: String) throws(PostgresError) {
    _ = try connection.query("SELECT pg_catalog.set_config('search_path', \(path), false)")
  }
}
