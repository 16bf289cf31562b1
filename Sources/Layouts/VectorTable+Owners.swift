package import OwnSchema
package import Postgres

extension VectorTable {
  /// The function that keeps `updated_at` current.
  var touchFunction: QualifiedName {
    QualifiedName(schema: name.schema, relatedName("touch_updated_at"))
  }

  /// Returns why the table cannot be created with its trigger: a function with the same name
  /// already exists, and its owner is not trusted or it is not a trigger function; nil where the
  /// table can be created.
  func obstacleToMaking(on connection: Connection) throws(PostgresError) -> SchemaError? {
    let rows = try connection.query(
      """
      WITH RECURSIVE \(TrustedRoles().tables)
      SELECT p.oid::regprocedure::text, pg_get_userbyid(p.proowner)::text,
             p.proowner IN (SELECT oid FROM trusted)
      FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
      WHERE n.nspname = coalesce(\(name.schema?.name), current_schema()::text)
        AND p.proname = \(touchFunction.name.name) AND p.pronargs = 0
        AND (p.proowner NOT IN (SELECT oid FROM trusted) OR p.prorettype <> 'trigger'::regtype
          OR p.prokind <> 'f')
      """)
    guard rows.rowCount > 0 else { return nil }
    let function: String = try rows.value(0, 0)
    guard try rows.value(0, 2) else {
      return TrustedRoles.refusal(
        of: "FUNCTION \(function)", owner: try rows.value(0, 1),
        danger:
          "the trigger of \(name) would run it with the rights of every role that changes a row")
    }
    return SchemaError(
      "\(function) has the name of the function that keeps updated_at of \(name) current, but is "
        + "not a trigger function",
      remedy: "drop or rename it, or name another table with --table")
  }

  /// Returns functions that writing to the table, or creating it, would run, but whose owners are
  /// not trusted.
  ///
  /// - Parameter table: nil where the table is to be created.
  package static func foreignFunctions(
    _ name: QualifiedName, _ table: VectorTable?, on connection: Connection
  ) throws(PostgresError) -> [SchemaError] {
    if let table { return try table.foreignTriggers(on: connection) }
    let made = VectorTable(name: name, dimensions: 1)
    return try made.obstacleToMaking(on: connection).map { [$0] } ?? []
  }

  /// Returns the table's triggers that call a function with a name of this program's, but whose
  /// owner is not trusted.
  private func foreignTriggers(on connection: Connection) throws(PostgresError) -> [SchemaError] {
    let rows = try connection.query(
      """
      WITH RECURSIVE \(TrustedRoles(table: catalogueName).tables)
      SELECT DISTINCT format('FUNCTION %s of the trigger %I on %I.%I', p.oid::regprocedure,
                             g.tgname, s.nspname, c.relname), pg_get_userbyid(p.proowner)::text
      FROM pg_trigger g JOIN pg_proc p ON p.oid = g.tgfoid
      JOIN pg_namespace n ON n.oid = p.pronamespace
      JOIN pg_class c ON c.oid = g.tgrelid JOIN pg_namespace s ON s.oid = c.relnamespace
      WHERE (c.oid = to_regclass(\(catalogueName))
          OR c.oid IN (SELECT relid FROM pg_partition_tree(to_regclass(\(catalogueName)))))
        AND NOT g.tgisinternal AND g.tgparentid = 0
        AND (n.nspname = \(FerrySchema.name.name)
          OR n.nspname = \(name.schema?.name) AND p.proname = \(touchFunction.name.name))
        AND p.proowner NOT IN (SELECT oid FROM trusted)
      ORDER BY 1
      """)
    return try rows.map { (row) throws(PostgresError) in
      TrustedRoles.refusal(
        of: try rows.value(row, 0), owner: try rows.value(row, 1),
        danger: "it runs with the rights of every role that writes to the table")
    }
  }
}
