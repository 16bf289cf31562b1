package import OwnSchema
package import Postgres

extension VectorTable {
  /// The name of the function that keeps `updated_at` current.
  var touchFunction: QualifiedName {
    QualifiedName(schema: name.schema, relatedName("touch_updated_at"))
  }

  /// Returns the reason why the table cannot be created with its trigger; nil where it can be
  /// created.
  ///
  /// The reason is that a function with the same name already exists, and either its owner is not
  /// trusted, or it is not a trigger function.
  func obstacleToMaking(on connection: Connection) throws(PostgresError) -> SchemaError? {
    let rows = try connection.query(
      VectorTableQueries.touchFunctions(
        trusted: TrustedRoles().tables, schema: name.schema?.name, function: touchFunction.name.name
      ))
    guard rows.rowCount > 0 else { return nil }
    let function: String = try rows.value(0, 0)
    guard try rows.value(0, 2) else {
      return TrustedRoles.refusal(
        of: "FUNCTION \(function)", owner: try rows.value(0, 1),
        danger:
          "the trigger of \(name) would run this function with the rights of every role that "
          + "changes a row")
    }
    return SchemaError(
      "\(function) has the name of the function that keeps updated_at of \(name) current, but is "
        + "not a trigger function",
      remedy: "drop or rename that function, or name another table with --table")
  }

  /// Returns a refusal for each function that writing to the table, or creating the table, would
  /// run although the function's owner is not trusted; also for a function that prevents creating
  /// the table.
  ///
  /// - Parameter table: the table of documents; nil where the table is to be created.
  package static func foreignFunctions(
    _ name: QualifiedName, _ table: VectorTable?, on connection: Connection
  ) throws(PostgresError) -> [SchemaError] {
    if let table { return try table.foreignTriggers(on: connection) }
    let made = VectorTable(name: name, dimensions: 1)
    return try made.obstacleToMaking(on: connection).map { [$0] } ?? []
  }

  /// Returns a refusal for each trigger of the table whose function is owned by a role that is not
  /// trusted, and is in the schema `vector_ferry` or has the name of `touchFunction`.
  private func foreignTriggers(on connection: Connection) throws(PostgresError) -> [SchemaError] {
    let rows = try connection.query(
      VectorTableQueries.foreignTriggers(
        trusted: TrustedRoles(table: catalogueName).tables, table: catalogueName,
        schema: name.schema?.name, function: touchFunction.name.name))
    return try rows.map { (row) throws(PostgresError) in
      TrustedRoles.refusal(
        of: try rows.value(row, 0), owner: try rows.value(row, 1),
        danger: "the function runs with the rights of every role that writes to the table")
    }
  }
}
