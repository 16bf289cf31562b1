package import Postgres

extension FerrySchema {
  /// Returns a refusal where a role that is not trusted owns this program's schema, an object in
  /// it, or the function of a trigger on it; nil where none does.
  ///
  /// Every write to the ledger could run code of such a role.
  ///
  /// - Parameter table: the table of documents as the catalogue writes it; its owner is trusted as
  ///   well.
  package static func foreignOwnership(
    of table: String? = nil, on connection: Connection
  ) throws(PostgresError) -> SchemaError? {
    let rows = try connection.query(
      """
      WITH RECURSIVE \(TrustedRoles(table: table).tables), found (place, what, owner) AS (
        SELECT 0, format('SCHEMA %I', n.nspname), n.nspowner
        FROM pg_namespace n WHERE n.nspname = \(name.name)
        UNION ALL
        SELECT CASE c.relkind WHEN 'S' THEN 2 ELSE 1 END, format('%s %I.%I',
                         CASE c.relkind WHEN 'v' THEN 'VIEW' WHEN 'm' THEN 'MATERIALIZED VIEW'
                           WHEN 'f' THEN 'FOREIGN TABLE' WHEN 'S' THEN 'SEQUENCE' ELSE 'TABLE' END,
                         n.nspname, c.relname), c.relowner
        FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
        WHERE n.nspname = \(name.name) AND c.relkind IN ('r', 'p', 'v', 'm', 'f', 'S')
        UNION ALL
        SELECT 2, 'FUNCTION ' || p.oid::regprocedure::text, p.proowner
        FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
        WHERE n.nspname = \(name.name)
        UNION ALL
        SELECT 3, format('FUNCTION %s of the trigger %I on %I.%I', p.oid::regprocedure, g.tgname,
                         n.nspname, c.relname), p.proowner
        FROM pg_trigger g JOIN pg_proc p ON p.oid = g.tgfoid JOIN pg_class c ON c.oid = g.tgrelid
        JOIN pg_namespace n ON n.oid = c.relnamespace
        WHERE n.nspname = \(name.name) AND NOT g.tgisinternal
      )
      SELECT what, pg_get_userbyid(owner)::text FROM found
      WHERE owner NOT IN (SELECT oid FROM trusted) ORDER BY place, what LIMIT 1
      """)
    guard rows.rowCount == 1 else { return nil }
    return TrustedRoles.refusal(
      of: try rows.value(0, 0), owner: try rows.value(0, 1),
      danger:
        "that role could add code there, which runs with the rights of every role that writes to "
        + "the ledger"
    )
  }

  /// Throws where a role that is not trusted owns part of the schema.
  static func refuseForeignOwners(_ table: String?, on connection: Connection) throws {
    if let refusal = try foreignOwnership(of: table, on: connection) { throw refusal }
  }
}
