internal import Postgres

/// Something in the session's own schema, `pg_temp`: it is gone when the session ends.
package struct TemporaryObject: Sendable, Hashable {
  /// Its number in the catalogue, by which it is known from another of its name.
  let number: Int
  /// What it is and how it is called: `table posts`.
  package let name: String

  /// Everything that the session has in its schema; what belongs to a table is not named beside it.
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
  /// One line that says what goes with the session.
  package var note: String {
    "temporary, gone when the session that made it ends: "
      + map(\.name).joined(separator: ", ")
  }
}
