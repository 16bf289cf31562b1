extension Connection {
  /// Carries out a text as `execute(alone:)` does, and calls `meanwhile` about ten times a second
  /// until the server has answered.
  @discardableResult
  public func execute(alone script: SQL, meanwhile: @escaping () -> Void) throws(PostgresError)
    -> [String]
  {
    // Whoever looks on meanwhile says what it waits for as well.
    (whileWaiting, tellsOfLocks) = (meanwhile, false)
    defer { (whileWaiting, tellsOfLocks) = ({}, true) }
    return try execute(alone: script)
  }

  /// Asks whether the operator wants to stop; for another session that shall heed it, too.
  public var isInterruptedNow: @Sendable () -> Bool { isInterrupted }

  /// Runs `body` although the operator has asked to stop: for what puts things in order again.
  public func uninterruptibly<Result>(_ body: () throws -> Result) rethrows -> Result {
    let before = isInterrupted
    isInterrupted = { false }
    defer { isInterrupted = before }
    return try body()
  }
}
