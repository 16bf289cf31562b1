internal import CLibPQ
internal import Glibc

extension Connection {
  /// How a wait treats the operator's wish to stop.
  enum Patience {
    /// Cancels the running statement, then waits for the server's word on it.
    case cancelling
    /// Throws at once; the caller ends the protocol exchange itself.
    case giveUp
    /// Goes on: the answer is needed to leave the session in order.
    case unconditional
  }

  /// An interruption is looked for at least this often, in milliseconds.
  private static let tick: Int32 = 100
  /// After a cancel request the server has this long to answer, in ticks.
  private static let graceTicks = 50

  /// Waits until the socket is ready for `events`; returns what it is ready for.
  func wait(for events: Int32, patience: Patience, operation: String) throws(PostgresError)
    -> Int32
  {
    var ticksAfterCancel = 0
    while true {
      if patience != .unconditional, isInterrupted() {
        if patience == .giveUp { throw .interrupted }
        if ticksAfterCancel == 0 { requestCancel() }
        ticksAfterCancel += 1
        if ticksAfterCancel > Self.graceTicks { throw .interrupted }
      }
      var descriptor = pollfd(fd: PQsocket(handle), events: Int16(events), revents: 0)
      guard descriptor.fd >= 0 else { throw lost(operation) }
      let ready = poll(&descriptor, 1, Self.tick)
      if ready > 0 { return Int32(descriptor.revents) }
      if ready < 0, errno != EINTR { throw lost(operation) }
      whileWaiting()
    }
  }

  /// Sends all that libpq holds back, reading what arrives meanwhile.
  func flush(patience: Patience, operation: String) throws(PostgresError) {
    while true {
      switch PQflush(handle) {
      case 0: return
      case 1:
        let ready = try wait(for: POLLIN | POLLOUT, patience: patience, operation: operation)
        if ready & POLLIN != 0, PQconsumeInput(handle) == 0 { throw lost(operation) }
      default: throw lost(operation)
      }
    }
  }

  /// Waits until `PQgetResult` can be called without blocking.
  func awaitResult(patience: Patience, operation: String) throws(PostgresError) {
    try flush(patience: patience, operation: operation)
    while PQisBusy(handle) == 1 {
      _ = try wait(for: POLLIN, patience: patience, operation: operation)
      if PQconsumeInput(handle) == 0 { throw lost(operation) }
    }
  }
}
