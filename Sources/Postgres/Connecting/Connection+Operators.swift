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
/// In a transaction, this program's search path is set before the program's query, and stays until
/// a statement of the operator follows, so that consecutive queries set it once. The operator's
/// path is set whenever a savepoint is created or rolled back to, so that the operator's path
/// applies afterwards.
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

  /// Runs `body` in a transaction, with this program's search path for scripts as well; begins the
  /// transaction where none is open.
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

  /// Finds the full names of several tables and indexes, like `fullName`.
  public func fullNames(asWritten names: [String]) throws(PostgresError) -> [String?] {
    guard !names.isEmpty else { return [] }
    let answers = try asWritten { () throws(PostgresError) in
      try query(each: names.map { CatalogueQueries.fullName(name: $0) })
    }
    return try answers.map { (answer) throws(PostgresError) in
      answer.rowCount == 0 ? nil : try answer.value(0, 0)
    }
  }

  /// Sends a query of this program, or, inside `asWritten`, a query in the operator's search path.
  func queryAmongOperators(_ sql: SQL) throws(PostgresError) -> QueryResult {
    guard author == .operators || !needsOwnPath else { return try queryAmongOperators([sql])[0] }
    try setPath(of: .program)
    return try query(sql, onInterrupt: .cancelling)
  }

  /// Sends several queries at once, with the search path of their author.
  ///
  /// Outside of a transaction, the queries form one transaction.
  func queryAmongOperators(_ statements: [SQL]) throws(PostgresError) -> [QueryResult] {
    guard author != .operators, needsOwnPath else {
      try setPath(of: .program)
      return try exchange(statements, onInterrupt: .cancelling)
    }
    let isAlone = PQtransactionStatus(handle) == PQTRANS_IDLE
    var results = try exchange([Self.ownPath] + statements, onInterrupt: .cancelling)
    let before = results.removeFirst()
    if !isAlone { operatorsPath = before }
    return results
  }

  /// True where the search path of this program has to be set before its next query.
  private var needsOwnPath: Bool {
    switch PQtransactionStatus(handle) {
    case PQTRANS_IDLE: true
    case PQTRANS_INTRANS: operatorsPath == nil
    default: false
    }
  }

  /// Sets the search path for the next statement: that of `author`, or of `usual` where `author` is
  /// nil.
  func setPath(of usual: StatementAuthor) throws(PostgresError) {
    guard isOperators else { return }
    switch author ?? usual {
    case .operators:
      knownOperatorsPath = nil
      try restoreOperatorsPath()
    case .program: try setOwnPath()
    }
  }

  private func setOwnPath() throws(PostgresError) {
    guard operatorsPath == nil, PQtransactionStatus(handle) == PQTRANS_INTRANS else { return }
    operatorsPath = try query(Self.ownPath, onInterrupt: .cancelling)
  }

  /// Reads the search path of the operator's statements, and whether a table that they create
  /// without naming a schema would be temporary.
  ///
  /// The statements in `first` are executed before the path is read, in the same exchange with the
  /// server.
  public func readOperatorsPath(after first: [SQL]) throws(PostgresError) -> (
    path: String, isTemporary: Bool
  ) {
    // The settings that `first` makes replace those that were to be restored.
    operatorsPath = nil
    let last = try asWritten { () throws(PostgresError) in
      try query(each: first + [SessionQueries.operatorsPath])
    }.last
    guard let last else { throw .unexpected(operation: "the search path", what: "no result") }
    knownOperatorsPath = last
    return (try last.value(0, 0), try last.value(0, 2))
  }

  /// Begins a transaction, and runs queries of this program in the same exchange with the server.
  func begin(_ statement: SQL, opening: [SQL]) throws(PostgresError) -> [QueryResult] {
    if isInterrupted() { throw .interrupted }
    do throws(PostgresError) {
      guard isOperators else {
        let pinning = pinningAgain(isLocal: true)
        let results = try exchange([statement] + pinning + opening, onInterrupt: .cancelling)
        return Array(results.dropFirst(1 + pinning.count))
      }
      var all = [statement, Self.ownPath] + opening
      // Where the operator's settings are known, they apply again afterwards.
      if let known = knownOperatorsPath { all.append(try Self.restoring(known)) }
      let results = try exchange(all, onInterrupt: .cancelling)
      operatorsPath = knownOperatorsPath == nil ? results[1] : nil
      return Array(results[2..<2 + opening.count])
    } catch {
      rollBack()
      throw error
    }
  }

  /// Restores the settings of the operator's statements, unless the transaction has failed: then
  /// its rollback restores them as far as possible.
  func restoreOperatorsPath() throws(PostgresError) {
    guard let restoring = try takeOperatorsPath() else { return }
    _ = try query(restoring, onInterrupt: .unconditional)
  }

  /// Returns the query that restores the settings of the operator's statements, which the caller
  /// must send next; nil where there is nothing to restore.
  func takeOperatorsPath() throws(PostgresError) -> SQL? {
    guard let before = operatorsPath else { return nil }
    operatorsPath = nil
    guard isUsable, PQtransactionStatus(handle) == PQTRANS_INTRANS else { return nil }
    return try Self.restoring(before)
  }

  private static func restoring(_ before: QueryResult) throws(PostgresError) -> SQL {
    let path: String = try before.value(0, 0)
    let quoting: String = try before.value(0, 1)
    return """
      SELECT pg_catalog.set_config('search_path', \(path), true),
             pg_catalog.set_config('quote_all_identifiers', \(quoting), true)
      """
  }

  /// The query that sets all settings on which the meaning of names depends, until the end of the
  /// transaction; returns the earlier values.
  private static var ownPath: SQL {
    SessionQueries.setOwnPath(path: Literal(SessionPins.searchPath))
  }
}
