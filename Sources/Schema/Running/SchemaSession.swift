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
    if isBundled { try setSetsPath(for: role) } else { try keepTablesPermanent() }
  }

  /// Undoes what a migration has set, so that the next one meets the session that it expects.
  func restore() throws {
    try prepare(as: .worker, after: "RESET SESSION AUTHORIZATION; RESET ROLE; RESET ALL;\n")
  }

  /// True where a pooler stands between us and the server: it makes up the process ids it reports.
  func isPooled() throws(PostgresError) -> Bool {
    let pid: Int? = try connection.scalar("SELECT pg_backend_pid()")
    return pid != connection.backendPID
  }
}
