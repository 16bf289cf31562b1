/// The identity of a session's database, independent of the name or address by which it was
/// reached.
public struct DatabaseIdentity: Hashable, Sendable, CustomStringConvertible {
  /// The identifier that `initdb` gave to the cluster.
  public let cluster: String
  /// The database's number in the cluster; a database that is dropped and created again gets
  /// another number.
  public let database: Int

  /// The cluster and the database's number in one text: `7462881234567890123/16384`.
  public var description: String { "\(cluster)/\(database)" }
}

extension Connection {
  /// Returns the object id of a column's type, which is read once in a session.
  public func type(ofColumn column: Identifier, in table: QualifiedName) throws(PostgresError)
    -> UInt32
  {
    let name = "\(table.quoted).\(column.quoted)"
    if let known = knownTypes[name] { return known }
    let found: Int? = try scalar(
      """
      SELECT atttypid::int8 FROM pg_attribute
      WHERE attrelid = \(table.quoted)::regclass AND attname = \(column.name) AND NOT attisdropped
      """)
    guard let found else {
      throw .unexpected(operation: "SELECT", what: "no column \(column.name)")
    }
    knownTypes[name] = UInt32(found)
    return UInt32(found)
  }

  /// Asks the server for the identity of the database; nil where the role may not read it.
  public func identity() throws(PostgresError) -> DatabaseIdentity? {
    // A function that the role may not call must not be called: the error would end an open
    // transaction.
    let mayAsk: Bool? = try scalar(
      """
      SELECT has_function_privilege(p.oid, 'EXECUTE') FROM pg_proc p
      WHERE p.oid = to_regprocedure('pg_catalog.pg_control_system()')
      """)
    guard mayAsk == true else { return nil }
    let row = try query(
      """
      SELECT (SELECT system_identifier::text FROM pg_catalog.pg_control_system()),
             (SELECT oid::int8 FROM pg_database WHERE datname = current_database())
      """)
    return DatabaseIdentity(cluster: try row.value(0, 0), database: try row.value(0, 1))
  }
}
