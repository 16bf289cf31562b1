/// What the server said when it refused a statement.
///
/// People are shown its `description`, in which no value of a row stands.
public struct ServerError: Error, Sendable, Equatable {
  /// `ERROR`, `FATAL` or `PANIC`.
  public let severity: String
  /// The five-character code of the condition, such as `53100`.
  public let sqlState: String
  /// The primary message as it came: it may repeat values, and functions word it as they like.
  public let message: String
  /// More about this case as it came: it may be the whole row.
  public let detail: String?
  /// What the server suggests.
  public let hint: String?
  /// The schema of the table concerned.
  public internal(set) var schema: String?
  /// The table concerned.
  public let table: String?
  /// The constraint concerned.
  public let constraint: String?
  /// Where in `statement` the error lies, counted in characters from 1.
  public let position: Int?
  /// The statement's text with its placeholders; values never stand in it.
  public let statement: String
  /// The function of the server's own source that gave the error out.
  var routine: String?
  /// It came while rows were read or written whose values are not to be shown.
  var isAmongRows = false
  /// The constraint that it names is in the catalogue, as far as anybody has looked.
  var namesKnownConstraint = true
  /// What was at work when it came about.
  var context = ServerContext(nil)

  /// True for what can pass on a second try: lost servers, conflicts, starting up.
  public var isTransient: Bool {
    Self.isTransient(sqlState)
  }

  static func isTransient(_ sqlState: String) -> Bool {
    ["40001", "40P01", "57P01", "57P02", "57P03", "57P05", "25P03", "53300"].contains(sqlState)
      || sqlState.hasPrefix("08")
  }
}

/// Everything that can go wrong between this program and a PostgreSQL server.
public enum PostgresError: Error, Sendable, CustomStringConvertible {
  /// The connection's description could not be understood.
  case configuration(source: String, reason: String)
  /// No connection came about; the server's code where one answered.
  case unreachable(database: String, reason: String, sqlState: String? = nil)
  /// The connection broke while `operation` was under way.
  case connectionLost(operation: String, reason: String)
  /// The connection broke while COMMIT's answer was awaited: the work may stand or not.
  case commitUnknown(reason: String)
  /// The server refused.
  case server(ServerError)
  /// The operator asked to stop.
  case interrupted
  /// The server answered with something else than the statement calls for.
  case unexpected(operation: String, what: String)

  /// One line for people, without secrets or values.
  public var description: String {
    switch self {
    case .configuration(let source, let reason): "\(source): \(reason)"
    case .unreachable(let database, let reason, _): "cannot connect to \(database): \(reason)"
    case .connectionLost(let operation, let reason):
      "the connection broke during \(operation): \(reason)"
    case .commitUnknown(let reason):
      "the connection broke while COMMIT was under way (\(reason)); the outcome is unknown"
    case .server(let error): error.description
    case .interrupted: "interrupted"
    case .unexpected(let operation, let what): "\(operation): \(what)"
    }
  }

  /// True for what another try may not meet again: lost connections, conflicts, nobody who answers,
  /// a server that is starting or has too many sessions.
  ///
  /// A wrong password stays wrong.
  public var canPass: Bool {
    switch self {
    case .connectionLost, .commitUnknown: true
    case .unreachable(_, _, let sqlState): sqlState.map(ServerError.isTransient) ?? true
    case .server(let error): error.isTransient
    case .configuration, .interrupted, .unexpected: false
    }
  }

  /// True where no session came about and waiting may bring one: nobody answers, no name is found,
  /// the server starts, stops or recovers, is short of memory or of sessions.
  ///
  /// A wrong password, an unknown role or database, a missing right stay what they are.
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
