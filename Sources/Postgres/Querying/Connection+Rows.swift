extension ConstraintName {
  /// Reads the constraints of the permanent tables of the database.
  static func all(on connection: Connection) throws(PostgresError) -> Set<Self> {
    let rows = try connection.query(CatalogueQueries.constraints)
    return Set(
      try rows.map { (row) throws(PostgresError) in
        Self(
          schema: try rows.value(row, 0), table: try rows.value(row, 1),
          name: try rows.value(row, 2))
      })
  }
}

extension Connection {
  /// Runs `body`, whose statements read or write rows; meanwhile, messages of the server are shown
  /// only where they repeat no value of a row.
  public func handlingRows<Result>(_ body: () throws -> Result) throws -> Result {
    let before = isHandlingRows
    isHandlingRows = true
    defer { isHandlingRows = before }
    return try body()
  }
}
