internal import CLibPQ

/// One session with a server; used by one thread at a time.
///
/// Every wait is a `poll` of the socket, so that an interruption is noticed at once and memory
/// stays flat while data flows.
public final class Connection {
  let handle: OpaquePointer
  /// How the database is shown to people: without password.
  public let database: String
  var isInterrupted: @Sendable () -> Bool
  /// Called whenever an answer has been waited for a little longer.
  var whileWaiting: () -> Void = {}
  /// False while the caller watches what the session waits for.
  var tellsOfLocks = true
  var noticeHandler: (ServerNotice) -> Void = { _ in }
  /// How soon either side notices that the other is gone.
  var keepalive = Keepalive(given: [:])
  /// True where the kernel asks the other machine for signs of life.
  var hasKeepalive = false
  /// True where the time for acknowledgements is this program's choice.
  var ownsUserTimeout = false
  /// True once the session was given up, whatever libpq thinks of it.
  var isAbandoned = false
  /// When putting the session in order began, after the operator had asked to stop.
  var tidyingSince: Double?
  /// The last request to stop a statement, until it is known to have done its work.
  var cancelRequest: CancelRequest?
  /// What is set for this program's own statements; nil where nothing is.
  var pins: SessionPins?
  /// True where the operator's statements run, among queries of this program.
  var isOperators = false
  /// Whose the next statements are in such a session; nil where queries are this program's, and
  /// scripts the operator's.
  var author: StatementAuthor?
  /// What the operator's statements have set, while this program's path stands in its place.
  var operatorsPath: QueryResult?
  /// True while statements run under the application's settings.
  var isActingAsApplication = false
  /// True while statements handle rows whose values no message may repeat.
  var isHandlingRows = false
  /// What statements under the application's settings have written in the transaction that is open,
  /// or that was open last.
  public internal(set) var writtenRows = WrittenRows()
  /// The constraints and unique indexes of permanent tables; nil where nobody has asked for them.
  var knownConstraints: Set<ConstraintName>?
  /// True once a trigger of the application may have set something for the whole session.
  var mayHaveLostPins = false

  init(handle: OpaquePointer, database: String, isInterrupted: @escaping @Sendable () -> Bool) {
    self.handle = handle
    self.database = database
    self.isInterrupted = isInterrupted
    receiveNotices()
  }

  deinit { PQfinish(handle) }

  /// Hands each notice and warning of the server to `handler`.
  public func onNotice(_ handler: @escaping (ServerNotice) -> Void) { noticeHandler = handler }

  /// The server's version as a number: 160004 for 16.4.
  public var serverVersion: Int { Int(PQserverVersion(handle)) }

  /// The process that serves this session.
  public var backendPID: Int { Int(PQbackendPID(handle)) }

  /// A setting that the server reports by itself, such as `server_encoding`.
  public func reportedSetting(_ name: String) -> String? {
    PQparameterStatus(handle, name).map { String(cString: $0) }
  }

  /// True while the session can still be used.
  public var isUsable: Bool { !isAbandoned && PQstatus(handle) == CONNECTION_OK }

  /// True inside a transaction block, a failed one included.
  public var isInTransaction: Bool {
    [PQTRANS_INTRANS, PQTRANS_INERROR].contains(PQtransactionStatus(handle))
  }

  /// libpq's message for the last failure, on one line.
  var lastMessage: String { String(cString: PQerrorMessage(handle)).singleLine }

  func lost(_ operation: String) -> PostgresError {
    .connectionLost(operation: operation, reason: lastMessage)
  }

  private func receiveNotices() {
    // The receiver never outlives the handle, which this object owns.
    let this = Unmanaged.passUnretained(self).toOpaque()
    PQsetNoticeReceiver(
      handle,
      { context, result in
        guard let context, let result else { return }
        let connection = Unmanaged<Connection>.fromOpaque(context).takeUnretainedValue()
        connection.noticeHandler(ServerNotice(result: result))
      }, this)
  }

  /// Asks the server to stop what it is doing.
  func requestCancel() { cancelRequest = CancelRequest(of: handle) }
}

/// A message of the server that is no error.
public struct ServerNotice: Sendable {
  /// The level, such as `NOTICE` or `WARNING`.
  public let severity: String
  /// The primary message; for a function's of somebody else that it said something.
  public let message: String
  /// The five-character code of the condition.
  public let sqlState: String

  /// True for `IF EXISTS … skipping` and the like, which say that all is as it was wished.
  public var isChatter: Bool {
    severity == "NOTICE" && ["42P07", "42P06", "42710", "00000", "42701"].contains(sqlState)
  }

  init(result: OpaquePointer) {
    severity = result.field(DiagnosticField.severity) ?? "NOTICE"
    let author = ServerContext(result.field(DiagnosticField.context)).author
    message =
      author.map { "\($0) said something that is not shown: it may repeat a row" }
      ?? result.field(DiagnosticField.message) ?? ""
    sqlState = result.field(DiagnosticField.sqlState) ?? ""
  }
}

extension String {
  /// The lines joined by spaces, without white space at the ends.
  var singleLine: String {
    split(whereSeparator: { $0.isNewline || $0 == "\t" }).joined(separator: " ")
  }
}
