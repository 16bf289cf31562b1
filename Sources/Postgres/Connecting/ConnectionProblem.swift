/// The kind of reason why no session could be opened, as far as the server's code or libpq's words
/// tell it.
public enum ConnectionProblem: String, CaseIterable, Sendable {
  /// Nothing listens at the host's port.
  case refused
  /// There is no socket file in the named folder.
  case noSocket = "no_socket"
  /// The name of the host is not known.
  case unknownHost = "unknown_host"
  /// The host cannot be reached, or does not answer in time.
  case noAnswer = "no_answer"
  /// The password is wrong.
  case wrongPassword = "wrong_password"
  /// The server wants a password, and none was given.
  case noPassword = "no_password"
  /// The server does not let this role in, from this host or at all.
  case notAdmitted = "not_admitted"
  /// The role does not exist.
  case unknownRole = "unknown_role"
  /// The database does not exist.
  case unknownDatabase = "unknown_database"
  /// The role may not connect to the database.
  case forbidden
  /// The server has no free session.
  case tooManySessions = "too_many_sessions"
  /// The server is starting, stopping or recovering.
  case notReady = "not_ready"
  /// The server has no TLS, and the connection requires it.
  case noTLS = "no_tls"
  /// The server's certificate, or the connection's TLS, is not accepted.
  case badTLS = "bad_tls"
  /// Something answers that is no PostgreSQL server.
  case noPostgreSQL = "no_postgresql"

  /// Recognises the problem; nil where neither the code nor the words are known.
  ///
  /// - Parameters:
  ///   - reason: the words of libpq and of the server, which may be in another language where the
  ///     server wrote them.
  ///   - sqlState: the code of the server; nil where no server answered.
  public init?(reason: String, sqlState: String?) {
    if let sqlState {
      switch sqlState {
      case "28P01": self = .wrongPassword
      case "3D000": self = .unknownDatabase
      case "42501": self = .forbidden
      case "53300": self = .tooManySessions
      case "57P01", "57P02", "57P03": self = .notReady
      // The server has one code for both.
      case "28000": self = reason.contains("does not exist") ? .unknownRole : .notAdmitted
      default: return nil
      }
      return
    }
    let signs: [(String, ConnectionProblem)] = [
      ("Connection refused", .refused), ("No such file or directory", .noSocket),
      ("could not translate host name", .unknownHost), ("no password supplied", .noPassword),
      ("server does not support SSL", .noTLS), ("certificate", .badTLS), ("SSL error", .badTLS),
      ("SSL SYSCALL", .badTLS), ("no answer within", .noAnswer), ("timeout expired", .noAnswer),
      ("timed out", .noAnswer), ("No route to host", .noAnswer),
      ("Network is unreachable", .noAnswer),
      ("received invalid response", .noPostgreSQL),
      ("expected authentication request", .noPostgreSQL),
      ("server closed the connection unexpectedly", .noPostgreSQL),
    ]
    guard let found = signs.first(where: { reason.contains($0.0) })?.1 else { return nil }
    self = found
  }

  /// The advice for the operator.
  public var remedy: String {
    switch self {
    case .refused:
      "start the server, or correct host and port; a firewall or listen_addresses may also be the "
        + "reason"
    case .noSocket:
      "start the server, or name the folder of its socket file (host=/var/run/postgresql), or a "
        + "host name for TCP"
    case .unknownHost: "correct the host's name; without a network, names are not found either"
    case .noAnswer:
      "look whether the host is up and its port open; connect_timeout=SECONDS in the URL waits "
        + "longer"
    case .wrongPassword:
      "correct the password in the URL or in PGPASSWORD; special characters in a URL are "
        + "percent-encoded (/ as %2F, @ as %40)"
    case .noPassword:
      "add the password to the URL, or set PGPASSWORD, or make a password file (~/.pgpass)"
    case .notAdmitted:
      "let the server's administrator add a line for this role, database and host to pg_hba.conf; "
        + "with peer authentication, run as the system user of that name"
    case .unknownRole:
      "correct the user's name in the URL, or create the role: CREATE ROLE … LOGIN PASSWORD '…'"
    case .unknownDatabase:
      "correct the database's name in the URL, or create the database: createdb NAME"
    case .forbidden: "let the owner of the database GRANT CONNECT ON DATABASE … TO the role"
    case .tooManySessions:
      "close other sessions, or raise max_connections; --jobs 1 needs the fewest"
    case .notReady: "wait until the server is up, then run again; its log says what it does"
    case .noTLS: "set sslmode=prefer in the URL, or turn TLS on in the server"
    case .badTLS:
      "name the certificate's authority in sslrootcert, and the host as the certificate names it; "
        + "sslmode=require does not check the certificate"
    case .noPostgreSQL:
      "correct host and port: another program, a proxy or a server without this protocol answers "
        + "there"
    }
  }
}

extension PostgresError {
  /// The kind of reason why no session could be opened; nil for other errors, and where the kind is
  /// not known.
  public var connectionProblem: ConnectionProblem? {
    guard case .unreachable(_, let reason, let sqlState) = self else { return nil }
    return ConnectionProblem(reason: reason, sqlState: sqlState)
  }
}
