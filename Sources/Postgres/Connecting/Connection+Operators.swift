internal import CLibPQ

/// The author of a statement, in a session that runs the operator's statements.
enum StatementAuthor {
  /// The operator: names are looked up in the session's search path.
  case operators
  /// This program: the statement runs with this program's search path.
  case program
}

/// A session that runs the operator's statements, and queries of this program between them.
///
/// This program's search path is set in a transaction before a query of the program, and stays
/// until a statement of the operator follows, so that it is set once for consecutive queries. A
/// savepoint is created and rolled back to under the operator's path, so that this path applies
/// afterwards.
extension Connection {
  /// Runs `body`, in which names have the same meaning as in the operator's statements.
  ///
  /// Queries of this program in `body` must name functions, operators and types in full.
  public func asWritten<Result>(_ body: () throws(PostgresError) -> Result) throws(PostgresError)
    -> Result
  {
    let before = author
    author = .operators
    defer { author = before }
    return try body()
  }

  /// Runs `body`, in which scripts belong to this program, too; in a transaction, which is begun
  /// where none is open.
  ///
  /// No savepoint is created.
  @discardableResult
  public func asProgram<Result>(_ body: () throws -> Result) throws -> Result {
    guard isOperators else { return try body() }
    guard isInTransaction else { return try transaction { try asProgram(body) } }
    let before = author
    author = .program
    defer { author = before }
    return try body()
  }

  /// Finds the full name of the table or index that the operator's statements call `name`; nil
  /// where there is none.
  public func fullName(asWritten name: String) throws(PostgresError) -> String? {
    try asWritten { () throws(PostgresError) in
      try scalar(CatalogueQueries.fullName(name: name))
    }
  }

  /// Sends a query, with the search path of its author.
  func queryAmongOperators(_ sql: SQL) throws(PostgresError) -> QueryResult {
    let isAlone = PQtransactionStatus(handle) == PQTRANS_IDLE
    guard isAlone, author != .operators else {
      try setPath(of: .program)
      return try query(sql, onInterrupt: .cancelling)
    }
    try script("BEGIN; " + Self.ownPath)
    let result: QueryResult
    do throws(PostgresError) { result = try query(sql, onInterrupt: .cancelling) } catch {
      rollBack()
      throw error
    }
    // The work is done, and is not rolled back because the operator wants to stop.
    _ = try query("COMMIT", onInterrupt: .unconditional)
    return result
  }

  /// Sets the search path for a statement, whose author is `usual` unless another is set.
  func setPath(of usual: StatementAuthor) throws(PostgresError) {
    guard isOperators else { return }
    switch author ?? usual {
    case .operators: try restoreOperatorsPath()
    case .program: try setOwnPath()
    }
  }

  private func setOwnPath() throws(PostgresError) {
    guard operatorsPath == nil, PQtransactionStatus(handle) == PQTRANS_INTRANS else { return }
    operatorsPath = try query(Self.ownPath, onInterrupt: .cancelling)
  }

  /// Restores the settings of the operator's statements; a failed transaction restores them as far
  /// as possible by its rollback.
  func restoreOperatorsPath() throws(PostgresError) {
    guard let before = operatorsPath else { return }
    operatorsPath = nil
    guard isUsable, PQtransactionStatus(handle) == PQTRANS_INTRANS else { return }
    let path: String = try before.value(0, 0)
    let quoting: String = try before.value(0, 1)
    _ = try query(
      """
      SELECT pg_catalog.set_config('search_path', \(path), true),
             pg_catalog.set_config('quote_all_identifiers', \(quoting), true)
      """, onInterrupt: .unconditional)
  }

  /// Sets what decides the meaning of names, until the end of the transaction, and returns the
  /// earlier values.
  private static var ownPath: SQL {
    SessionQueries.setOwnPath(path: Literal(SessionPins.searchPath))
  }
}
