internal import CLibPQ

/// A session with a server, used by one thread at a time.
///
/// Every wait is a `poll` of the socket, so that an interruption is noticed at once and memory does
/// not grow while data flow.
public final class Connection {
  let handle: OpaquePointer
  /// The database as it is shown to people: without password.
  public let database: String
  var isInterrupted: @Sendable () -> Bool
  /// The function that is called repeatedly while an answer is awaited.
  var whileWaiting: () -> Void = {}
  /// False while the caller itself watches the locks that the session waits for.
  var reportsLockWaits = true
  var noticeHandler: (ServerNotice) -> Void = { _ in }
  /// The settings by which the client and the server notice that the connection is lost.
  var keepalive = Keepalive(given: [:])
  /// True where the kernel sends keepalive probes to the other machine.
  var hasKeepalive = false
  /// True where this program has set the time limit for acknowledgements.
  var ownsUserTimeout = false
  /// True once the session was abandoned, even where libpq considers it open.
  var isAbandoned = false
  /// The time when cleaning up began after the operator had asked to stop; nil before that.
  var cleaningUpSince: Double?
  /// The last request to cancel a statement; nil once the request can no longer stop a later
  /// statement.
  var cancelRequest: CancelRequest?
  /// The settings for this program's own statements; nil where none are set.
  var pins: SessionPins?
  /// True where the operator's statements run, with queries of this program between them.
  var isOperators = false
  /// The author of the next statements, in a session that runs the operator's statements.
  ///
  /// Where `author` is nil, queries are this program's, and scripts are the operator's.
  var author: StatementAuthor?
  /// The settings of the operator's statements, while this program's path replaces them.
  var operatorsPath: QueryResult?
  /// The settings of the operator's statements; nil where they were not read, or where something
  /// may have changed them since.
  var knownOperatorsPath: QueryResult?
  /// The statements that are sent together with the next COMMIT.
  var lastStatements: [SQL] = []
  /// True while statements run with the application's settings.
  var isActingAsApplication = false
  /// True while statements handle rows whose values no message may repeat.
  var isHandlingRows = false
  /// The rows that statements with the application's settings have written in the current or latest
  /// transaction.
  public internal(set) var writtenRows = WrittenRows()
  /// The constraints and unique indexes of permanent tables; nil where they were not read.
  var knownConstraints: Set<ConstraintName>?
  /// The object ids of the types of columns, by the column's full name; each was read once.
  var knownTypes: [String: UInt32] = [:]
  /// True once a trigger of the application may have changed a setting for the whole session.
  var mayHaveLostPins = false

  init(handle: OpaquePointer, database: String, isInterrupted: @escaping @Sendable () -> Bool) {
    self.handle = handle
    self.database = database
    self.isInterrupted = isInterrupted
    receiveNotices()
  }

  deinit { PQfinish(handle) }

  /// Passes each notice and warning of the server to `handler`.
  public func onNotice(_ handler: @escaping (ServerNotice) -> Void) { noticeHandler = handler }

  /// The server's version as a number: 160004 for 16.4.
  public var serverVersion: Int { Int(PQserverVersion(handle)) }

  /// The number of the server process of this session.
  public var backendPID: Int { Int(PQbackendPID(handle)) }

  /// Returns a setting that the server reports by itself, such as `server_encoding`; nil for other
  /// settings.
  public func reportedSetting(_ name: String) -> String? {
    PQparameterStatus(handle, name).map { String(cString: $0) }
  }

  /// True while the session can still be used.
  public var isUsable: Bool { !isAbandoned && PQstatus(handle) == CONNECTION_OK }

  /// True inside a transaction, even if the transaction has failed.
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

  /// Asks the server to cancel the running statement.
  func requestCancel() { cancelRequest = CancelRequest(of: handle) }
}

/// A message of the server that is not an error.
public struct ServerNotice: Sendable {
  /// The level, such as `NOTICE` or `WARNING`.
  public let severity: String
  /// The primary message; where a function of the application sent it, a text in place of that
  /// message.
  public let message: String
  /// The five-character code of the condition.
  public let sqlState: String

  /// True for `IF EXISTS … skipping` and similar messages, which report that nothing had to be
  /// done.
  public var isUnimportant: Bool {
    severity == "NOTICE" && ["42P07", "42P06", "42710", "00000", "42701"].contains(sqlState)
  }

  init(result: OpaquePointer) {
    severity = result.field(DiagnosticField.severity) ?? "NOTICE"
    let author = ServerContext(result.field(DiagnosticField.context)).author
    message =
      author.map { "\($0) sent a message that is not shown: it may contain values of a row" }
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
