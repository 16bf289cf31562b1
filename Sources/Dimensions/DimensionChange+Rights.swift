internal import Ledger
internal import Postgres

extension DimensionChange {
  /// Refuses, before any row is read, where the role could not write what a change needs.
  func refuseMissingRights(_ column: VectorColumn) throws {
    let rows = try connection.query(
      """
      SELECT CASE
        WHEN NOT pg_has_role(c.relowner, 'USAGE')
          THEN format('table %s belongs to %s', \(column.table), c.relowner::regrole)
        WHEN NOT has_schema_privilege(c.relnamespace, 'CREATE')
          THEN format('the role may make nothing in schema %s', c.relnamespace::regnamespace)
        WHEN f.oid IS NULL AND NOT has_database_privilege(current_database(), 'CREATE')
          THEN 'the role may make no schema in this database'
        WHEN f.oid IS NOT NULL AND NOT pg_has_role(f.nspowner, 'USAGE')
          THEN format('schema vector_ferry belongs to %s', f.nspowner::regrole)
        WHEN f.oid IS NOT NULL THEN (
          SELECT format('%s of schema vector_ferry belongs to %s', p.proname, p.proowner::regrole)
          FROM pg_proc p WHERE p.pronamespace = f.oid AND NOT pg_has_role(p.proowner, 'USAGE')
          LIMIT 1)
        END
      FROM pg_class c LEFT JOIN pg_namespace f ON f.nspname = 'vector_ferry'
      WHERE c.oid = to_regclass(\(column.table))
      """)
    guard rows.rowCount == 1, let problem = try rows.optional(0, 0, as: String.self) else { return }
    throw Failure(
      .preflight, "\(problem), and nothing was touched",
      remedy: "run this as the role that owns the table and schema vector_ferry, or as a member")
  }
}
