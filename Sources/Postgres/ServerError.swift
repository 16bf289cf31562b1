/// The server's refusal of a statement.
///
/// For people there is `description`, which contains no value of a row.
public struct ServerError: Error, Sendable, Equatable {
  /// `ERROR`, `FATAL` or `PANIC`.
  public let severity: String
  /// The five-character code of the condition, such as `53100`.
  public let sqlState: String
  /// The primary message as the server sent it, which may repeat values, and which a function may
  /// have written.
  public let message: String
  /// The detail as the server sent it, which may contain the whole row.
  public let detail: String?
  /// The server's suggestion for the operator.
  public let hint: String?
  /// The schema of the table that the error is about.
  public internal(set) var schema: String?
  /// The table that the error is about.
  public let table: String?
  /// The constraint that the error is about.
  public let constraint: String?
  /// The place of the error in `statement`, in characters from 1.
  public let position: Int?
  /// The statement's text with placeholders such as `$1` in place of its values.
  public let statement: String
  /// The statement inside of a function or block that failed; nil where the error is about the
  /// statement itself.
  var innerStatement: String?
  /// The place of the error in `innerStatement`, in characters from 1.
  public internal(set) var innerPosition: Int?
  /// The function of the server's own source that reported the error.
  var routine: String?
  /// True where rows were being read or written whose values must not be shown.
  var isAmongRows = false
  /// True where the named constraint is in the catalogue, or the catalogue was not read.
  var namesKnownConstraint = true
  /// The code that was running in the server.
  var context = ServerContext(nil)

  /// True for errors that may not occur on a second try: a lost server, a conflict, a server that
  /// is starting or has too many sessions.
  public var isTransient: Bool {
    Self.isTransient(sqlState)
  }

  static func isTransient(_ sqlState: String) -> Bool {
    ["40001", "40P01", "57P01", "57P02", "57P03", "57P05", "25P03", "53300"].contains(sqlState)
      || sqlState.hasPrefix("08")
  }
}

/// An error between this program and a PostgreSQL server.
public enum PostgresError: Error, Sendable, CustomStringConvertible {
  /// The description of the connection is wrong, or its session cannot be used.
  case configuration(source: String, reason: String)
  /// There is no connection; contains the server's code where a server answered.
  case unreachable(database: String, reason: String, sqlState: String? = nil)
  /// The connection broke during `operation`.
  case connectionLost(operation: String, reason: String)
  /// The connection broke while waiting for the answer to COMMIT: the work may be committed or not.
  case commitUnknown(reason: String)
  /// The server refused a statement.
  case server(ServerError)
  /// The operator asked to stop.
  case interrupted
  /// The server sent another answer than the statement requires.
  case unexpected(operation: String, what: String)

  /// One line for people, without secrets or values.
  public var description: String {
    switch self {
    case .configuration(let source, let reason): "\(source): \(reason)"
    case .unreachable(let database, let reason, _): "cannot connect to \(database): \(reason)"
    case .connectionLost(let operation, let reason):
      "the connection broke during \(operation): \(reason)"
    case .commitUnknown(let reason):
      "the connection broke while COMMIT was in progress (\(reason)); the outcome is unknown"
    case .server(let error): error.description
    case .interrupted: "interrupted"
    case .unexpected(let operation, let what): "\(operation): \(what)"
    }
  }

  /// True for errors that may not occur on another try: lost connections, conflicts, no answer, a
  /// server that is starting or has too many sessions.
  ///
  /// False for a wrong password, which stays wrong.
  public var isTemporary: Bool {
    switch self {
    case .connectionLost, .commitUnknown: true
    case .unreachable(_, _, let sqlState): sqlState.map(ServerError.isTransient) ?? true
    case .server(let error): error.isTransient
    case .configuration, .interrupted, .unexpected: false
    }
  }

  /// True where no session can be opened now, but may be later: no answer, a host name that is not
  /// found, a server that is starting, stopping or recovering, or has too little memory or too few
  /// sessions.
  ///
  /// A wrong password, an unknown role or database and a missing permission do not change by
  /// waiting.
  public var saysServerIsAway: Bool {
    guard case .unreachable(_, _, let sqlState) = self else { return false }
    guard let sqlState else { return true }
    return ["57P01", "57P02", "57P03", "53200", "53300"].contains(sqlState)
      || sqlState.hasPrefix("08")
  }

  /// The server's own error, where there is one.
  public var serverError: ServerError? {
    if case .server(let error) = self { error } else { nil }
  }
}
