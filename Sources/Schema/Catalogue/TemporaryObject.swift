internal import Postgres

/// An object in the session's own schema, `pg_temp`; it is deleted when the session ends.
package struct TemporaryObject: Sendable, Hashable {
  /// The number in the catalogue, which distinguishes the object from another one of its name.
  let number: Int
  /// The kind and the name: `table posts`.
  package let name: String

  /// Reads all objects in the session's schema, except the parts of tables.
  static func all(on connection: Connection) throws(PostgresError) -> [TemporaryObject] {
    let rows = try connection.query(
      """
      SELECT o.number::bigint, o.name FROM (
        SELECT c.oid AS number, CASE c.relkind WHEN 'v' THEN 'view ' WHEN 'S' THEN 'sequence '
                 WHEN 'c' THEN 'type ' ELSE 'table ' END || c.relname AS name
        FROM pg_class c
        WHERE c.relnamespace = pg_my_temp_schema() AND c.relkind IN ('r', 'p', 'f', 'v', 'S', 'c')
          AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_class'::regclass
                          AND d.objid = c.oid AND d.deptype IN ('a', 'i'))
        UNION ALL
        SELECT p.oid, 'function ' || p.proname FROM pg_proc p
        WHERE p.pronamespace = pg_my_temp_schema()
        UNION ALL
        SELECT t.oid, 'type ' || t.typname FROM pg_type t
        WHERE t.typnamespace = pg_my_temp_schema() AND t.typtype IN ('d', 'e', 'r')
      ) o
      -- Most sessions have no such schema: then nothing is looked through.
      WHERE (SELECT pg_my_temp_schema()) <> 0 ORDER BY o.number
      """)
    return try rows.map { (row) throws(PostgresError) in
      TemporaryObject(number: try rows.value(row, 0), name: try rows.value(row, 1))
    }
  }
}

extension [TemporaryObject] {
  /// A line that lists what is deleted when the session ends.
  package var note: String {
    "temporary, deleted when the session that made it ends: "
      + map(\.name).joined(separator: ", ")
  }
}
