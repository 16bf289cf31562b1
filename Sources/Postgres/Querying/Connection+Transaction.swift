internal import CLibPQ

/// The isolation of a transaction from others.
public enum Isolation: String, Sendable {
  /// Each statement sees what is committed when it starts.
  case readCommitted = "READ COMMITTED"
  /// The whole transaction sees one snapshot.
  case repeatableRead = "REPEATABLE READ"
}

extension Connection {
  /// Runs `body` in one transaction: commits when it returns, rolls back when it throws.
  ///
  /// The first error is the one that is reported. A connection that breaks during COMMIT throws
  /// `PostgresError.commitUnknown`.
  @discardableResult
  public func transaction<Result>(
    _ isolation: Isolation = .readCommitted, readOnly: Bool = false,
    _ body: () throws -> Result
  ) throws -> Result {
    try begin(isolation, readOnly: readOnly)
    writtenRows = WrittenRows()
    let result: Result
    do {
      result = try body()
    } catch {
      rollBack()
      throw error
    }
    try commit()
    return result
  }

  private func begin(_ isolation: Isolation, readOnly: Bool) throws(PostgresError) {
    let mode = readOnly ? "READ ONLY" : "READ WRITE"
    let statement = SQL(script: "BEGIN ISOLATION LEVEL \(isolation.rawValue), \(mode)")
    guard let pins, pins.isPooled else {
      if isInterrupted() { throw .interrupted }
      try pinned { () throws(PostgresError) in _ = try query(statement, onInterrupt: .cancelling) }
      return
    }
    if isInterrupted() { throw .interrupted }
    do throws(PostgresError) { try script(statement + "; " + pins.afterBegin) } catch {
      rollBack()
      throw error
    }
  }

  func commit() throws(PostgresError) {
    if isInterrupted() {
      rollBack()
      throw .interrupted
    }
    // Triggers that COMMIT fires belong to the application.
    let restoring = try takeOperatorsPath()
    let tag: String
    do throws(PostgresError) {
      // From here on the answer is awaited: a cancelled COMMIT could leave its outcome open.
      tag =
        if let restoring {
          try exchange([restoring, "COMMIT"], onInterrupt: .unconditional)[1].commandTag
        } else {
          try query("COMMIT", onInterrupt: .unconditional).commandTag
        }
    } catch {
      guard isUsable else { throw .commitUnknown(reason: error.description) }
      rollBack()
      throw error
    }
    // The server answers ROLLBACK where an error inside the transaction was not noticed.
    guard tag == "COMMIT" else {
      throw .unexpected(operation: "COMMIT", what: "the server rolled back")
    }
  }

  /// Rolls back without hiding the error that led here; a broken connection rolls back by itself.
  func rollBack() {
    // The operator's path is restored by the rollback.
    operatorsPath = nil
    // A cancel request that arrives late may stop the first ROLLBACK.
    for _ in 0..<3 where isUsable && isInTransaction {
      _ = try? query("ROLLBACK", onInterrupt: .unconditional)
    }
  }
}
