package import OwnSchema
package import Postgres

extension VectorTable {
  /// Returns the application's triggers and rules that fire when this program writes, each
  /// described as text: `audit (AFTER INSERT OR UPDATE)`.
  ///
  /// Triggers of partitions are included. This program's own triggers are left out: they are
  /// recognised by the function that they call, by the function's owner and by the time when they
  /// fire, not by their names. Rules do not fire for COPY, which adds the rows unless row-level
  /// security binds the role.
  package func triggers(on connection: Connection) throws(PostgresError) -> [String] {
    let rows = try connection.query(
      VectorTableQueries.triggers(
        trusted: TrustedRoles(table: catalogueName).tables, table: catalogueName, isOurs: isOurs,
        hasRowSecurity: hasActiveRowSecurity))
    return try rows.map { (row) throws(PostgresError) in try rows.value(row, 0) }
  }

  /// The SQL condition for a trigger of this program: the function `p` in the schema `n` is one
  /// that this program's triggers call, and the trigger `g` fires as this program's triggers do,
  /// BEFORE UPDATE or BEFORE INSERT OR UPDATE, FOR EACH ROW.
  private var isOurs: SQL {
    VectorTableQueries.isOurs(schema: name.schema?.name, function: touchFunction.name.name)
  }

  /// Returns the reason why the table cannot keep documents; nil where the table keeps its rows.
  ///
  /// The reason is that rows would be lost at the end of the session or after a crash of the
  /// server, or that they are stored on another server.
  package func persistenceObstacle(on connection: Connection) throws(PostgresError) -> SchemaError?
  {
    let rows = try connection.query(VectorTableQueries.impermanentPlace(table: catalogueName))
    guard rows.rowCount == 1 else { return nil }
    let place: String = try rows.value(0, 0)
    if try rows.value(0, 2, as: String.self) == "f" {
      return Self.foreign(place)
    }
    if try rows.value(0, 1, as: String.self) == "t" {
      return SchemaError(
        "\(place) is a temporary table: its rows are deleted when the session ends",
        remedy: "name a permanent table with --table")
    }
    return SchemaError(
      "\(place) is UNLOGGED: rows that are committed there are lost after a crash of the server",
      remedy: "ALTER TABLE \(place) SET LOGGED")
  }

  /// Returns the refusal of a table whose rows are on another server.
  static func foreign(_ place: String) -> SchemaError {
    SchemaError(
      "\(place) is a foreign table: its rows are on another server, outside of this server's "
        + "transactions",
      remedy: "name a table of this database with --table")
  }
}

extension FerrySchema {
  /// Returns a refusal for each table of this program's schema whose rows would be lost after a
  /// crash of the server.
  package static func persistenceObstacle(on connection: Connection) throws(PostgresError)
    -> [SchemaError]
  {
    let rows = try connection.query(VectorTableQueries.unloggedTables)
    return try rows.map { (row) throws(PostgresError) in
      let place: String = try rows.value(row, 0)
      return SchemaError(
        "\(place) is UNLOGGED: rows that runs record there are lost after a crash of the server",
        remedy: "ALTER TABLE \(place) SET LOGGED")
    }
  }
}
