internal import CLibPQ
internal import Clock
internal import Glibc

extension Connection {
  /// The reaction of a wait when the operator wants to stop.
  enum InterruptAction {
    /// Cancels the running statement, then waits for the server's answer.
    case cancelling
    /// Throws at once; the caller ends the protocol exchange itself.
    case giveUp
    /// Goes on for a second: the answer is needed to keep the session usable.
    case unconditional
  }

  /// The longest time without a check for an interruption, in milliseconds.
  private static let tick: Int32 = 100
  /// The seconds within which the server must answer after it has accepted a cancel request.
  private static let grace = 5.0
  /// The seconds that cleaning up may take once the operator wants to stop, and the seconds that a
  /// cancel request may take to arrive.
  private static let shortGrace = 1.0

  /// Waits until the socket is ready for `events`; returns the events that it is ready for.
  ///
  /// Throws where the connection is lost. When the operator wants to stop, `onInterrupt` decides
  /// what happens.
  ///
  /// - Parameter isDone: called from time to time while nothing happens; when `isDone` returns
  ///   true, the wait ends and returns no event.
  func wait(
    for events: Int32, onInterrupt: InterruptAction, operation: String,
    isDone: () -> Bool = { false }
  ) throws(PostgresError) -> Int32 {
    var watch: SilenceWatch?
    var locks = LockWatch(self)
    defer { watch?.end() }
    var interruptedSince: Double?
    while true {
      if isInterrupted() {
        let since = interruptedSince ?? MonotonicClock.seconds()
        interruptedSince = since
        try checkInterruption(since: since, onInterrupt: onInterrupt, operation: operation)
      }
      var descriptor = pollfd(fd: PQsocket(handle), events: Int16(events), revents: 0)
      guard descriptor.fd >= 0 else { throw lost(operation) }
      let ready = poll(&descriptor, 1, Self.tick)
      if ready > 0 { return Int32(descriptor.revents) }
      if ready < 0, errno != EINTR { throw lost(operation) }
      if isDone() { return 0 }
      whileWaiting()
      locks.turn()
      if watch == nil { watch = SilenceWatch(self, isWriting: events & POLLOUT != 0) }
      if let reason = watch?.verdict() {
        abandon()
        throw .connectionLost(operation: operation, reason: reason)
      }
    }
  }

  /// Throws where a wait has to end because the operator wants to stop.
  private func checkInterruption(since: Double, onInterrupt: InterruptAction, operation: String)
    throws(PostgresError)
  {
    let now = MonotonicClock.seconds()
    switch onInterrupt {
    case .giveUp: throw .interrupted
    case .unconditional:
      // One limit for the whole clean-up, however many waits it needs.
      let since = cleaningUpSince ?? since
      cleaningUpSince = since
      guard now - since > Self.shortGrace else { return }
      abandon()
      throw .connectionLost(
        operation: operation, reason: "the server had not answered when the run was interrupted")
    case .cancelling:
      if cancelRequest == nil { requestCancel() }
      let isTaken = cancelRequest?.isDone ?? false
      guard now - since > (isTaken ? Self.grace : Self.shortGrace) else { return }
      abandon()
      throw .interrupted
    }
  }

  /// Shuts down the socket of a session that libpq still considers open; a server on this machine
  /// notices that at once.
  func abandon() {
    isAbandoned = true
    shutdown(PQsocket(handle), Int32(SHUT_RDWR))
  }

  /// Makes sure that a cancel request stops only the statement that it was meant for.
  func settleCancelRequest() throws(PostgresError) {
    guard let request = cancelRequest else { return }
    while !request.isDone {
      guard MonotonicClock.seconds() - request.began < Self.shortGrace else {
        abandon()
        throw .connectionLost(
          operation: "a cancel request", reason: "the server did not accept the request in time")
      }
      usleep(1_000)
    }
    cancelRequest = nil
  }

  /// Sends everything that libpq has buffered, and reads what arrives meanwhile.
  func flush(onInterrupt: InterruptAction, operation: String) throws(PostgresError) {
    while true {
      switch PQflush(handle) {
      case 0: return
      case 1:
        let ready = try wait(for: POLLIN | POLLOUT, onInterrupt: onInterrupt, operation: operation)
        if ready & POLLIN != 0, PQconsumeInput(handle) == 0 { throw lost(operation) }
      default: throw lost(operation)
      }
    }
  }

  /// Waits until `PQgetResult` can be called without blocking.
  func awaitResult(onInterrupt: InterruptAction, operation: String) throws(PostgresError) {
    try flush(onInterrupt: onInterrupt, operation: operation)
    while PQisBusy(handle) == 1 {
      // Where libpq got no memory for an answer that has arrived, it waits for more of it, and none
      // comes. Asked again, it finds the answer.
      _ = try wait(
        for: POLLIN, onInterrupt: onInterrupt, operation: operation,
        isDone: { PQisBusy(handle) == 0 })
      if PQconsumeInput(handle) == 0 { throw lost(operation) }
    }
  }
}
