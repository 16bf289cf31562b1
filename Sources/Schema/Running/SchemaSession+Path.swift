internal import OwnSchema
internal import Postgres

/// What the names in a migration mean: the operator's path, or one of the set's own.
extension SchemaSession {
  /// Takes `pg_temp` out of the operator's path where it comes first: a table that a migration makes
  /// without a schema would go with the session, and the ledger would call it applied.
  ///
  /// Temporary tables are found as before. Where no other schema is left the server refuses to make
  /// a table without one.
  func keepTablesPermanent() throws(PostgresError) {
    try connection.asWritten { () throws(PostgresError) in
      let path: String? = try connection.scalar(
        """
        SELECT pg_catalog.current_setting('search_path')
        WHERE pg_catalog.starts_with(
          pg_catalog.current_schema()::pg_catalog.text, 'pg_temp'::pg_catalog.text)
        """)
      if let path { try setPath(SearchPath(path).withoutTemporary) }
    }
  }

  /// Sets the path of a bundled set: what the server itself brings is always found first, then the
  /// operator's schemas in their order, temporary tables last.
  ///
  /// Its tables are no temporary ones and none of the program's own schema. It writes `vector`
  /// without a schema, wherever the extension lives. In a session that only looks, that schema
  /// comes before those of tables.
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

  /// The schema that pgvector is in; nil where it is not enabled.
  private func vectorSchema() throws(PostgresError) -> Identifier? {
    let name: String? = try connection.scalar(
      """
      SELECT n.nspname::text FROM pg_extension e JOIN pg_namespace n ON n.oid = e.extnamespace
      WHERE e.extname = 'vector'
      """)
    return name.map { Identifier($0) }
  }

  /// Refuses what is called like something of pgvector's and would be met in its place.
  private func refuseDoubles(of vector: Identifier, in schemas: some Collection<Identifier>) throws
  {
    for schema in schemas {
      let found: String? = try connection.scalar(
        """
        WITH ours AS (SELECT oid FROM pg_namespace WHERE nspname = \(vector.name)),
             theirs AS (SELECT oid FROM pg_namespace WHERE nspname = \(schema.name))
        SELECT what FROM (
          SELECT 'type ' || t.typname AS what FROM pg_type t JOIN pg_type v USING (typname)
          WHERE t.typnamespace = (SELECT oid FROM theirs)
            AND v.typnamespace = (SELECT oid FROM ours)
            AND v.typname IN ('vector', 'halfvec', 'sparsevec')
          UNION ALL
          SELECT 'function ' || p.oid::regprocedure::text
          FROM pg_proc p JOIN pg_proc v USING (proname, proargtypes)
          WHERE p.pronamespace = (SELECT oid FROM theirs)
            AND v.pronamespace = (SELECT oid FROM ours)
          UNION ALL
          SELECT 'operator ' || o.oid::regoperator::text
          FROM pg_operator o JOIN pg_operator v USING (oprname, oprleft, oprright)
          WHERE o.oprnamespace = (SELECT oid FROM theirs)
            AND v.oprnamespace = (SELECT oid FROM ours)
        ) found ORDER BY 1 LIMIT 1
        """)
      guard let found else { continue }
      throw SchemaError(
        "the \(found) would be met before pgvector's own, which is in schema \(vector.name)",
        remedy: "drop it, or put schema \(vector.name) first in the search path")
    }
  }

  private func setPath(_ path: String) throws(PostgresError) {
    _ = try connection.query("SELECT pg_catalog.set_config('search_path', \(path), false)")
  }
}
