internal import CLibPQ

/// The isolation of a transaction from other transactions.
public enum Isolation: String, Sendable {
  /// Each statement sees the data that are committed when it starts.
  case readCommitted = "READ COMMITTED"
  /// The whole transaction sees one snapshot.
  case repeatableRead = "REPEATABLE READ"
}

extension Connection {
  /// Runs `body` in one transaction: commits when it returns, rolls back when it throws.
  ///
  /// The first error is reported. A connection that breaks during COMMIT throws
  /// `PostgresError.commitUnknown`.
  @discardableResult
  public func transaction<Result>(
    _ isolation: Isolation = .readCommitted, readOnly: Bool = false,
    _ body: () throws -> Result
  ) throws -> Result {
    try transaction(isolation, readOnly: readOnly, opening: []) { _ in try body() }
  }

  /// Runs `body` in one transaction, and gives it the rows of queries that are sent together with
  /// BEGIN.
  @discardableResult
  public func transaction<Result>(
    _ isolation: Isolation = .readCommitted, readOnly: Bool = false, opening: [SQL],
    _ body: ([QueryResult]) throws -> Result
  ) throws -> Result {
    let rows = try begin(isolation, readOnly: readOnly, opening: opening)
    writtenRows = WrittenRows()
    let result: Result
    do {
      result = try body(rows)
    } catch {
      rollBack()
      throw error
    }
    try commit()
    return result
  }

  /// Sends a statement that returns no rows together with the next COMMIT of this transaction;
  /// where the statement fails, COMMIT fails.
  public func execute(withCommit statement: SQL) throws(PostgresError) {
    try setPath(of: .program)
    lastStatements.append(statement)
  }

  private func begin(_ isolation: Isolation, readOnly: Bool, opening: [SQL]) throws(PostgresError)
    -> [QueryResult]
  {
    let mode = readOnly ? "READ ONLY" : "READ WRITE"
    let statement = SQL(script: "BEGIN ISOLATION LEVEL \(isolation.rawValue), \(mode)")
    if isInterrupted() { throw .interrupted }
    guard let pins, pins.isPooled else {
      if !opening.isEmpty || mayHaveLostPins { return try begin(statement, opening: opening) }
      _ = try query(statement, onInterrupt: .cancelling)
      return []
    }
    do throws(PostgresError) {
      try script(statement + "; " + pins.afterBegin)
      return opening.isEmpty ? [] : try query(each: opening)
    } catch {
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
    let before = lastStatements + [try takeOperatorsPath()].compactMap { $0 }
    lastStatements = []
    knownOperatorsPath = nil
    let tag: String
    do throws(PostgresError) {
      // The answer to COMMIT is awaited: a cancelled COMMIT could leave its outcome open. Where a
      // statement before COMMIT is cancelled, COMMIT is not executed.
      let answer =
        before.isEmpty
        ? try query("COMMIT", onInterrupt: .unconditional)
        : try exchange(before + ["COMMIT"], onInterrupt: .cancelling, last: .unconditional)[
          before.count]
      tag = answer.commandTag
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

  /// Rolls back, and throws nothing, so that the error that led here is reported; where the
  /// connection is broken, the server rolls back by itself.
  func rollBack() {
    // The operator's path is restored by the rollback.
    operatorsPath = nil
    knownOperatorsPath = nil
    lastStatements = []
    // A cancel request that arrives late may stop the first ROLLBACK.
    for _ in 0..<3 where isUsable && isInTransaction {
      _ = try? query("ROLLBACK", onInterrupt: .unconditional)
    }
  }
}
