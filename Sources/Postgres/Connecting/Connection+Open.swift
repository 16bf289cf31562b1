internal import CLibPQ
internal import Clock
internal import Glibc

extension Connection {
  /// Connects; gives up after `target.connectTimeout` seconds or when the operator interrupts.
  public static func open(
    _ target: ConnectionTarget, settings: SessionSettings = .pinned,
    isInterrupted: @escaping @Sendable () -> Bool = { false }
  ) throws(PostgresError) -> Connection {
    let parameters = target.libpqParameters
    let handle = parameters.withCArrays { PQconnectStartParams($0, $1, 1) }
    guard let handle else {
      throw .unreachable(database: target.description, reason: "out of memory")
    }
    let connection = Connection(
      handle: handle, database: target.description, isInterrupted: isInterrupted)
    // With this verbosity a refusal contains its code, in every language of the server.
    PQsetErrorVerbosity(handle, PQERRORS_VERBOSE)
    try connection.establish(target)
    // From now on, libpq's message about a lost connection may repeat an error, and must leave out
    // the error's detail.
    PQsetErrorVerbosity(handle, PQERRORS_TERSE)
    PQsetnonblocking(handle, 1)
    connection.setKeepalive()
    switch settings {
    case .pinned: try connection.pin(as: target)
    case .operators: connection.isOperators = true
    case .untouched: break
    }
    connection.setServerKeepalive()
    return connection
  }

  /// Connects like `open`, and retries for half a minute while the server is starting; calls
  /// `notice` once with the reason.
  public static func openWhenStarted(
    _ target: ConnectionTarget, settings: SessionSettings = .pinned,
    isInterrupted: @escaping @Sendable () -> Bool, notice: (String) -> Void
  ) throws(PostgresError) -> Connection {
    let deadline = MonotonicClock.seconds() + 30
    var wasReported = false
    while true {
      do {
        return try open(target, settings: settings, isInterrupted: isInterrupted)
      } catch {
        guard case .unreachable(_, let reason, "57P03") = error, MonotonicClock.seconds() < deadline
        else { throw error }
        if !wasReported { notice("\(reason); waiting for the server") }
        wasReported = true
        usleep(250_000)
      }
    }
  }

  /// Connects with `PQconnectPoll`, and gives up after the connection timeout, which libpq does not
  /// apply to connections that are made in steps.
  private func establish(_ target: ConnectionTarget) throws(PostgresError) {
    let seconds = connectTimeout(target)
    let deadline = MonotonicClock.seconds() + Double(seconds)
    var wanted = POLLOUT
    while true {
      guard PQstatus(handle) != CONNECTION_BAD else { throw unreachable(target) }
      let left = deadline - MonotonicClock.seconds()
      guard left > 0 else {
        throw .unreachable(
          database: target.description,
          reason: "no answer within \(seconds) seconds")
      }
      if isInterrupted() { throw .interrupted }
      var descriptor = pollfd(fd: PQsocket(handle), events: Int16(wanted), revents: 0)
      let ready = poll(&descriptor, 1, Int32(min(left * 1000, 100)) + 1)
      guard ready > 0 else { continue }
      switch PQconnectPoll(handle) {
      case PGRES_POLLING_OK: return
      case PGRES_POLLING_READING: wanted = POLLIN
      case PGRES_POLLING_WRITING: wanted = POLLOUT
      default: throw unreachable(target)
      }
    }
  }

  /// Finds the timeout in seconds: the timeout of a variable or a service file, where the target
  /// sets none.
  private func connectTimeout(_ target: ConnectionTarget) -> Int {
    parameters.first { $0.keyword == "connect_timeout" }
      .map { ConnectionTarget.timeout($0.value) } ?? target.connectTimeout
  }

  private func unreachable(_ target: ConnectionTarget) -> PostgresError {
    let refusal = ConnectionRefusal(String(cString: PQerrorMessage(handle)))
    return .unreachable(
      database: target.description, reason: target.redacted(refusal.reason),
      sqlState: refusal.sqlState)
  }
}

/// libpq's verbose message about a connection that could not be made.
struct ConnectionRefusal {
  /// The reason for people: without the code, and without the place in the server's source.
  let reason: String
  /// The error code of the server that was tried last; nil where no server answered.
  let sqlState: String?

  init(_ message: String) {
    var code: String?
    let lines = message.split(whereSeparator: \.isNewline).compactMap { line -> String? in
      if line.hasPrefix("LOCATION:  ") { return nil }
      // An example: `FATAL:  28P01: password authentication failed for user "ann"`
      guard let mark = line.firstRange(of: #/:  [0-9A-Z]{5}: /#) else { return String(line) }
      code = String(line[mark].dropFirst(3).prefix(5))
      return line[..<mark.lowerBound] + ": " + line[mark.upperBound...]
    }
    reason = lines.joined(separator: " ").singleLine
    sqlState = code
  }
}

extension [(keyword: String, value: String)] {
  /// Calls `body` with the keywords and the values as the two null-terminated C arrays that libpq
  /// takes.
  func withCArrays<Result>(
    _ body: (UnsafePointer<UnsafePointer<CChar>?>, UnsafePointer<UnsafePointer<CChar>?>) -> Result
  ) -> Result {
    let copies = map { (strdup($0.keyword), strdup($0.value)) }
    defer {
      for (keyword, value) in copies {
        free(keyword)
        free(value)
      }
    }
    let keywords = copies.map { UnsafePointer($0.0) } + [nil]
    let values = copies.map { UnsafePointer($0.1) } + [nil]
    return keywords.withUnsafeBufferPointer { keywords in
      values.withUnsafeBufferPointer { values in
        guard let first = keywords.baseAddress, let second = values.baseAddress else {
          preconditionFailure("both arrays hold at least their terminator")
        }
        return body(first, second)
      }
    }
  }
}
