extension Connection {
  /// Executes a text as `execute(alone:)` does, and calls `meanwhile` about ten times a second
  /// until the server has answered.
  @discardableResult
  public func execute(alone script: SQL, meanwhile: @escaping () -> Void) throws(PostgresError)
    -> [String]
  {
    // The caller, whose `meanwhile` is called, also reports what the session waits for.
    (whileWaiting, reportsLockWaits) = (meanwhile, false)
    defer { (whileWaiting, reportsLockWaits) = ({}, true) }
    return try execute(alone: script)
  }

  /// The function that says whether the operator has asked to stop.
  ///
  /// Other sessions that must stop as well are given the same function.
  public var isInterruptedNow: @Sendable () -> Bool { isInterrupted }

  /// Runs `body` even where the operator has asked to stop, for work that cleans up.
  public func uninterruptibly<Result>(_ body: () throws -> Result) rethrows -> Result {
    let before = isInterrupted
    isInterrupted = { false }
    defer { isInterrupted = before }
    return try body()
  }
}
