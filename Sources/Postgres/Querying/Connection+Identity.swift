/// Which database a session is in, whatever name or address it was reached by.
public struct DatabaseIdentity: Hashable, Sendable, CustomStringConvertible {
  /// The identifier that `initdb` gave to the cluster.
  public let cluster: String
  /// The database's number in the cluster; one that is dropped and made again gets another.
  public let database: Int

  /// Both, as records keep them: `7462881234567890123/16384`.
  public var description: String { "\(cluster)/\(database)" }
}

extension Connection {
  /// Asks the server; nil where it does not tell.
  public func identity() throws(PostgresError) -> DatabaseIdentity? {
    // What a role may not call must not be called: it would end an open transaction.
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
