package import Postgres

extension FerrySchema {
  /// Returns a refusal where a role that is not trusted owns this program's schema, an object in
  /// it, or the function of a trigger in it; nil where all owners are trusted.
  ///
  /// Every write to the ledger could run code of such a role.
  ///
  /// - Parameter table: the table of documents as the catalogue writes it; its owner is trusted as
  ///   well.
  package static func foreignOwnership(
    of table: String? = nil, on connection: Connection
  ) throws(PostgresError) -> SchemaError? {
    let rows = try connection.query(
      FerrySchemaQueries.foreignOwners(trusted: TrustedRoles(table: table).tables))
    guard rows.rowCount == 1 else { return nil }
    return TrustedRoles.refusal(
      of: try rows.value(0, 0), owner: try rows.value(0, 1),
      danger:
        "that role could add code to this object, which runs with the rights of every role that "
        + "writes to the ledger"
    )
  }

  /// Throws where a role that is not trusted owns part of the schema.
  static func refuseForeignOwners(_ table: String?, on connection: Connection) throws {
    if let refusal = try foreignOwnership(of: table, on: connection) { throw refusal }
  }
}
