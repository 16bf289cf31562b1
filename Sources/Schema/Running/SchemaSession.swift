internal import Glibc
internal import Machine
internal import Postgres

/// What every session that migrates needs to have set, and has again after each migration.
struct SchemaSession {
  let connection: Connection
  let options: SchemaOptions
  let isBundled: Bool

  /// What a session is there for: how its name begins, by which others know it.
  enum Role: String {
    /// It has the lock and changes the schema.
    case worker = "vector-ferry schema on "
    /// It waits for the lock.
    case waiter = "vector-ferry schema waiting on "
    /// It looks on.
    case verifier = "vector-ferry schema verify on "
  }

  /// Settings of the session, whatever the role or the database has as defaults.
  func prepare(as role: Role) throws { try prepare(as: role, after: "") }

  private func prepare(as role: Role, after first: String) throws {
    let name = "\(role.rawValue)\(HostName.current), process \(getpid())"
    var script =
      first + """
        SET application_name = \(Literal(name).quoted);
        SET lock_timeout = \(options.lockTimeout);
        SET statement_timeout = 0;
        SET idle_in_transaction_session_timeout = 0;
        SET standard_conforming_strings = on;
        SET client_min_messages = notice;
        """
    // A killed client's index build stops soon, and with it the lock is given back.
    if connection.serverVersion >= 140_000 {
      script += "\nSET client_connection_check_interval = 1000;"
    }
    try connection.execute(script: SQL(script: script))
    if isBundled { try extendSearchPath() }
  }

  /// Undoes what a migration has set, so that the next one meets the session that it expects.
  func restore() throws {
    try prepare(as: .worker, after: "RESET SESSION AUTHORIZATION; RESET ROLE; RESET ALL;\n")
  }

  /// Bundled sets write `vector` without a schema, wherever the extension lives.
  private func extendSearchPath() throws {
    let path: String? = try connection.scalar(
      """
      SELECT concat_ws(', ',
        CASE WHEN current_schema() IS NULL OR current_schema() = 'vector_ferry' THEN 'public'
             ELSE current_setting('search_path') END,
        (SELECT quote_ident(n.nspname)
         FROM pg_extension e JOIN pg_namespace n ON n.oid = e.extnamespace
         WHERE e.extname = 'vector' AND n.nspname <> ALL (current_schemas(true))))
      """)
    if let path { try connection.query("SELECT set_config('search_path', \(path), false)") }
  }

  /// True where a pooler stands between us and the server: it makes up the process ids it reports.
  func isPooled() throws(PostgresError) -> Bool {
    let pid: Int? = try connection.scalar("SELECT pg_backend_pid()")
    return pid != connection.backendPID
  }
}
