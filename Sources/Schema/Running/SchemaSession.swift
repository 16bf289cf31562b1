internal import Glibc
internal import Machine
internal import Postgres

/// The settings that a session needs for migrations, and that are restored after each migration.
struct SchemaSession {
  let connection: Connection
  let options: SchemaOptions
  let isBundled: Bool

  /// The task of a session; the session's name begins with this text, so that other sessions
  /// recognize it.
  enum Role: String {
    /// The session has the lock and changes the schema.
    case worker = "vector-ferry schema on "
    /// The session waits for the lock.
    case waiter = "vector-ferry schema waiting on "
    /// The session only reads.
    case verifier = "vector-ferry schema verify on "
  }

  /// Sets everything that the session needs, independently of the defaults of the role and the
  /// database.
  func prepare(as role: Role) throws { try prepare(as: role, after: []) }

  private func prepare(as role: Role, after first: [SQL]) throws {
    let (path, isTemporary) = try connection.readOperatorsPath(after: first + settings(for: role))
    if isBundled {
      try setSetsPath(for: role)
    } else if isTemporary {
      try removeTemporary(from: path)
    }
  }

  /// The statements that set everything except the search path.
  private func settings(for role: Role) -> [SQL] {
    let name = "\(role.rawValue)\(HostName.current), process \(getpid())"
    var statements: [SQL] = [
      "SET application_name = \(Literal(name))",
      "SET lock_timeout = \(SQL(script: "\(options.lockTimeout)"))",
      "SET statement_timeout = 0", "SET idle_in_transaction_session_timeout = 0",
      "SET standard_conforming_strings = on", "SET client_min_messages = notice",
    ]
    // The index build of a killed client then stops soon, which releases the lock.
    if connection.serverVersion >= 140_000 {
      statements.append("SET client_connection_check_interval = 1000")
    }
    return statements
  }

  /// Resets what a migration has set, so that the next migration begins with the settings of this
  /// program.
  func restore() throws {
    try prepare(as: .worker, after: ["RESET SESSION AUTHORIZATION", "RESET ROLE", "RESET ALL"])
  }

  /// Returns true where a pooler is between this program and the server: the process number that
  /// the pooler has reported is not that of the server's session.
  func isPooled() throws(PostgresError) -> Bool {
    let pid: Int? = try connection.scalar("SELECT pg_backend_pid()")
    return pid != connection.backendPID
  }
}
