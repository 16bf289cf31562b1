import CSQLite

extension Database {
  /// The time at which a transaction takes its lock.
  public enum TransactionKind: String, Sendable {
    /// The lock is taken at the first statement; for transactions that only read.
    case deferred = "DEFERRED"
    /// The lock is taken at once, so that a write of another connection cannot make the transaction
    /// fail later.
    case immediate = "IMMEDIATE"
  }

  /// Runs `body` in a transaction, which is committed if `body` returns, and rolled back if it
  /// throws.
  ///
  /// The first error is thrown, whatever the result of the rollback.
  public func withTransaction<Result>(
    _ kind: TransactionKind = .immediate, _ body: () throws -> Result
  ) throws -> Result {
    try execute("BEGIN \(kind.rawValue)")
    do {
      let result = try body()
      try execute("COMMIT")
      return result
    } catch {
      // Some errors, such as a full disk, have rolled back already.
      if isInTransaction { try? execute("ROLLBACK") }
      throw error
    }
  }

  /// True between BEGIN and the end of a transaction.
  public var isInTransaction: Bool { sqlite3_get_autocommit(handle) == 0 }
}
