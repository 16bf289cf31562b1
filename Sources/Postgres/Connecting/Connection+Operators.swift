internal import CLibPQ

/// Who has written a statement, in a session that runs the operator's.
enum StatementAuthor {
  /// Names in it are looked for where the session searches.
  case operators
  /// It runs under this program's path.
  case program
}

/// A session that runs the operator's statements, and queries of this program between them.
///
/// This program's path is set within a transaction when a query of it comes, and stays until a
/// statement of the operator does: queries that follow each other need it set once. A savepoint is
/// made and rolled back to under the operator's path, so that the path is the operator's after it.
extension Connection {
  /// Runs `body`, in which names mean what they mean to the operator's statements.
  ///
  /// What this program asks in it names functions, operators and types in full.
  public func asWritten<Result>(_ body: () throws(PostgresError) -> Result) throws(PostgresError)
    -> Result
  {
    let before = author
    author = .operators
    defer { author = before }
    return try body()
  }

  /// Runs `body`, whose scripts are this program's as well; outside of a transaction in one.
  ///
  /// It makes no savepoint.
  @discardableResult
  public func asOurs<Result>(_ body: () throws -> Result) throws -> Result {
    guard isOperators else { return try body() }
    guard isInTransaction else { return try transaction { try asOurs(body) } }
    let before = author
    author = .program
    defer { author = before }
    return try body()
  }

  /// The full name of the table or index that the operator's statements call `name`, as it is
  /// written there; nil where there is none.
  public func fullName(asWritten name: String) throws(PostgresError) -> String? {
    try asWritten { () throws(PostgresError) in
      try scalar(
        """
        SELECT pg_catalog.format('%I.%I', n.nspname, c.relname)
        FROM pg_catalog.pg_class c
        JOIN pg_catalog.pg_namespace n ON n.oid OPERATOR(pg_catalog.=) c.relnamespace
        WHERE c.oid OPERATOR(pg_catalog.=) pg_catalog.to_regclass(\(name))::pg_catalog.oid
        """)
    }
  }

  /// Sends a query, under the path of whoever has written it.
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
    // It has been carried out: that is not taken back because the operator wants to stop.
    _ = try query("COMMIT", onInterrupt: .unconditional)
    return result
  }

  /// Sets the path for a statement, whose author is `usual` where nothing else was said.
  func setPath(of usual: StatementAuthor) throws(PostgresError) {
    guard isOperators else { return }
    switch author ?? usual {
    case .operators: try giveBackPath()
    case .program: try takeOwnPath()
    }
  }

  private func takeOwnPath() throws(PostgresError) {
    guard operatorsPath == nil, PQtransactionStatus(handle) == PQTRANS_INTRANS else { return }
    operatorsPath = try query(Self.ownPath, onInterrupt: .cancelling)
  }

  /// Sets what the operator's statements had set; a transaction that has failed brings it back by
  /// being rolled back, as far as that goes.
  func giveBackPath() throws(PostgresError) {
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

  /// Sets what decides the meaning of names, to the end of the transaction, and tells what it was.
  private static var ownPath: SQL {
    """
    SELECT pg_catalog.current_setting('search_path'),
           pg_catalog.current_setting('quote_all_identifiers'),
           pg_catalog.set_config('search_path', \(Literal(SessionPins.searchPath)), true),
           pg_catalog.set_config('quote_all_identifiers', 'off', true)
    """
  }
}
