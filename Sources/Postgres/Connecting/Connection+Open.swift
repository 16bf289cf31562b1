internal import CLibPQ
internal import Glibc

extension Connection {
  /// Connects, giving up after `target.connectTimeout` seconds or when the operator interrupts.
  public static func open(
    _ target: ConnectionTarget, isInterrupted: @escaping @Sendable () -> Bool = { false }
  ) throws(PostgresError) -> Connection {
    let parameters = target.libpqParameters
    let handle = parameters.withCArrays { PQconnectStartParams($0, $1, 1) }
    guard let handle else {
      throw .unreachable(database: target.description, reason: "out of memory")
    }
    let connection = Connection(
      handle: handle, database: target.description, isInterrupted: isInterrupted)
    try connection.establish(target)
    PQsetnonblocking(handle, 1)
    return connection
  }

  /// Drives `PQconnectPoll` to its end; libpq leaves the deadline to its caller here.
  private func establish(_ target: ConnectionTarget) throws(PostgresError) {
    let deadline = monotonicSeconds() + Double(target.connectTimeout)
    var wanted = POLLOUT
    while true {
      guard PQstatus(handle) != CONNECTION_BAD else { throw unreachable(target) }
      let left = deadline - monotonicSeconds()
      guard left > 0 else {
        throw .unreachable(
          database: target.description,
          reason: "no answer within \(target.connectTimeout) seconds")
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

  private func unreachable(_ target: ConnectionTarget) -> PostgresError {
    .unreachable(database: target.description, reason: target.redacted(lastMessage))
  }
}

private func monotonicSeconds() -> Double {
  var now = timespec()
  clock_gettime(CLOCK_MONOTONIC, &now)
  return Double(now.tv_sec) + Double(now.tv_nsec) / 1e9
}

extension [(keyword: String, value: String)] {
  /// Lends the pairs as the two null-terminated arrays that libpq takes.
  fileprivate func withCArrays<Result>(
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
