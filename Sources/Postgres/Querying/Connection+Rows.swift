extension ConstraintName {
  /// Reads the constraints of the permanent tables of the database.
  static func all(on connection: Connection) throws(PostgresError) -> Set<Self> {
    let rows = try connection.query(
      """
      SELECT n.nspname::text, c.relname::text, k.name::text
      FROM (
        SELECT conrelid AS owner, conname AS name FROM pg_catalog.pg_constraint
        UNION SELECT x.indrelid, i.relname FROM pg_catalog.pg_index x
          JOIN pg_catalog.pg_class i ON i.oid = x.indexrelid WHERE x.indisunique
      ) k JOIN pg_catalog.pg_class c ON c.oid = k.owner
      JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
      WHERE c.relpersistence <> 't' AND n.nspname NOT IN ('pg_catalog', 'pg_toast')
      """)
    return Set(
      try rows.map { (row) throws(PostgresError) in
        Self(
          schema: try rows.value(row, 0), table: try rows.value(row, 1),
          name: try rows.value(row, 2))
      })
  }
}

extension Connection {
  /// Runs `body`, whose statements read and write rows: messages of the server are shown only where
  /// they repeat no value of a row.
  public func handlingRows<Result>(_ body: () throws -> Result) throws -> Result {
    let before = isHandlingRows
    isHandlingRows = true
    defer { isHandlingRows = before }
    return try body()
  }
}
