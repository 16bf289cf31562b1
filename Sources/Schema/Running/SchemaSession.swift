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
    if isBundled { try setSetsPath() } else { try keepTablesPermanent() }
  }

  /// Undoes what a migration has set, so that the next one meets the session that it expects.
  func restore() throws {
    try prepare(as: .worker, after: "RESET SESSION AUTHORIZATION; RESET ROLE; RESET ALL;\n")
  }

  /// Takes `pg_temp` out of the operator's path where it comes first: a table that a migration makes
  /// without a schema would go with the session, and the ledger would call it applied.
  ///
  /// Temporary tables are found as before. Where no other schema is left the server refuses to make
  /// a table without one.
  private func keepTablesPermanent() throws(PostgresError) {
    try connection.asWritten { () throws(PostgresError) in
      let path: String? = try connection.scalar(
        """
        SELECT pg_catalog.current_setting('search_path')
        WHERE pg_catalog.starts_with(
          pg_catalog.current_schema()::pg_catalog.text, 'pg_temp'::pg_catalog.text)
        """)
      guard let path else { return }
      try setPath(SearchPath(path).withoutTemporary)
    }
  }

  /// Bundled sets write `vector` without a schema, wherever the extension lives; their tables are
  /// no temporary ones, and none of the program's own schema, whatever is searched first.
  private func setSetsPath() throws(PostgresError) {
    try connection.asWritten { () throws(PostgresError) in
      let path: String? = try connection.scalar(
        """
        SELECT pg_catalog.concat_ws(', ',
          CASE WHEN pg_catalog.current_schema() IS NULL
                 OR pg_catalog.current_schema() OPERATOR(pg_catalog.=) 'vector_ferry'
                 OR pg_catalog.starts_with(
                      pg_catalog.current_schema()::pg_catalog.text, 'pg_temp'::pg_catalog.text)
               THEN 'public' ELSE pg_catalog.current_setting('search_path') END,
          (SELECT pg_catalog.quote_ident(n.nspname::pg_catalog.text)
           FROM pg_catalog.pg_extension e JOIN pg_catalog.pg_namespace n
             ON n.oid OPERATOR(pg_catalog.=) e.extnamespace
           WHERE e.extname OPERATOR(pg_catalog.=) 'vector'
             AND n.nspname OPERATOR(pg_catalog.<>) ALL (pg_catalog.current_schemas(true))))
        """)
      if let path { try setPath(path) }
    }
  }

  private func setPath(_ path: String) throws(PostgresError) {
    _ = try connection.query("SELECT pg_catalog.set_config('search_path', \(path), false)")
  }

  /// True where a pooler stands between us and the server: it makes up the process ids it reports.
  func isPooled() throws(PostgresError) -> Bool {
    let pid: Int? = try connection.scalar("SELECT pg_backend_pid()")
    return pid != connection.backendPID
  }
}
