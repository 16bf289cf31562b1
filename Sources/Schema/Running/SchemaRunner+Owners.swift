internal import MigrationFiles
internal import OwnSchema
internal import SQLText
internal import Postgres

extension SchemaRunner {
  /// Throws where a statement of a bundled set would replace a function or view of a role that is
  /// not trusted: the object would keep its owner, who could replace it again.
  func refuseForeignOwner(of statement: SQLStatement) throws {
    guard set.isBundled, let written = statement.replacedName else { return }
    let schema: String? = try connection.asWritten { () throws(PostgresError) in
      try connection.scalar("SELECT pg_catalog.current_schema()::pg_catalog.text")
    }
    let rows = try connection.query(
      """
      WITH RECURSIVE \(TrustedRoles().tables), found (what, name, place, owner) AS (
        SELECT 'FUNCTION ' || p.oid::regprocedure::text, p.proname, p.pronamespace, p.proowner
        FROM pg_proc p
        UNION ALL
        SELECT 'VIEW ' || c.oid::regclass::text, c.relname, c.relnamespace, c.relowner
        FROM pg_class c WHERE c.relkind = 'v'
      )
      SELECT f.what, pg_get_userbyid(f.owner)::text
      FROM found f JOIN pg_namespace n ON n.oid = f.place, parse_ident(\(written)) AS parts
      WHERE f.name::text = parts[cardinality(parts)]
        AND n.nspname::text = CASE WHEN cardinality(parts) > 1 THEN parts[1] ELSE \(schema) END
        AND f.owner NOT IN (SELECT oid FROM trusted)
      ORDER BY 1 LIMIT 1
      """)
    guard rows.rowCount == 1 else { return }
    throw TrustedRoles.refusal(
      of: try rows.value(0, 0), owner: try rows.value(0, 1),
      danger: "the set \(set.name) would run it with the rights of every role that uses its tables")
  }
}

extension SQLStatement {
  /// The function or view that CREATE OR REPLACE names; nil for other statements.
  fileprivate var replacedName: String? {
    guard begins(with: "CREATE", "OR", "REPLACE"), words.count > 4,
      ["FUNCTION", "PROCEDURE", "VIEW"].contains(where: { words[3].isWord($0) })
    else { return nil }
    return qualifiedName(at: 4)?.name
  }
}
