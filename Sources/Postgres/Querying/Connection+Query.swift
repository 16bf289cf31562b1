internal import CLibPQ

extension Connection {
  /// Executes one statement and returns its rows; parameters and rows are sent in binary.
  @discardableResult
  public func query(_ sql: SQL) throws(PostgresError) -> QueryResult {
    if isInterrupted() { throw .interrupted }
    if isOperators { return try queryAmongOperators(sql) }
    return try pinned { () throws(PostgresError) in try query(sql, onInterrupt: .cancelling) }
  }

  /// Executes several statements and returns the rows of each; all are sent before the first answer
  /// is awaited.
  ///
  /// Where a statement fails, the later statements are not executed; outside of a transaction, the
  /// earlier statements are rolled back.
  public func query(each statements: [SQL]) throws(PostgresError) -> [QueryResult] {
    if isInterrupted() { throw .interrupted }
    if isOperators { return try queryAmongOperators(statements) }
    guard !isInTransaction, !isPooled else {
      return try pinned { () throws(PostgresError) in
        try exchange(statements, onInterrupt: .cancelling)
      }
    }
    let pinning = pinningAgain(isLocal: false)
    let results = try exchange(pinning + statements, onInterrupt: .cancelling)
    // Where a statement fails, these settings are rolled back as well.
    if !pinning.isEmpty { mayHaveLostPins = false }
    return Array(results.dropFirst(pinning.count))
  }

  /// Executes a text of several statements, as psql would; returns no rows.
  ///
  /// - Returns: the command tag of each statement, such as `CREATE TABLE`; empty for an empty
  ///   statement.
  @discardableResult
  public func execute(script: SQL) throws(PostgresError) -> [String] {
    try pinned { () throws(PostgresError) in try execute(alone: script) }
  }

  /// Executes a statement that the server allows only outside of transactions.
  ///
  /// Behind a pooler, the statement runs with the settings of whatever session it reaches, and so
  /// must name everything in full.
  @discardableResult
  public func execute(alone script: SQL) throws(PostgresError) -> [String] {
    if isInterrupted() { throw .interrupted }
    try setPath(of: .operators)
    try settleCancelRequest()
    let text = script.text
    guard PQsendQuery(handle, text) == 1 else { throw lost("sending a script") }
    var tags: [String] = []
    try lastResult(of: text, onInterrupt: .cancelling) { tags.append($0.commandTag) }
    return tags
  }

  /// Reads the first column of the first row; nil where there is no row, or the value is null.
  public func scalar<Value: ColumnValue>(_ sql: SQL, as: Value.Type = Value.self)
    throws(PostgresError) -> Value?
  {
    let result = try query(sql)
    return result.rowCount == 0 ? nil : try result.optional(0, 0, as: Value.self)
  }

  func query(_ sql: SQL, onInterrupt: InterruptAction) throws(PostgresError) -> QueryResult {
    try settleCancelRequest()
    let text = sql.text
    try send(text, sql.parameters)
    var kept: QueryResult?
    try lastResult(of: text, onInterrupt: onInterrupt) { kept = $0 }
    guard let kept else { throw .unexpected(operation: text, what: "no result") }
    return kept
  }

  /// Sends all statements at once, in libpq's pipeline mode, and reads every answer.
  ///
  /// - Parameter last: the reaction when the operator wants to stop during the wait for the last
  ///   statement's answer; nil for the reaction `onInterrupt`.
  func exchange(
    _ statements: [SQL], onInterrupt: InterruptAction, last: InterruptAction? = nil
  ) throws(PostgresError) -> [QueryResult] {
    try settleCancelRequest()
    guard PQenterPipelineMode(handle) == 1 else { throw lost("beginning a pipeline") }
    var failure: PostgresError?
    var results: [QueryResult] = []
    do throws(PostgresError) {
      for statement in statements { try send(statement.text, statement.parameters) }
      guard PQpipelineSync(handle) == 1 else { throw lost("sending statements") }
      for (index, statement) in statements.enumerated() {
        let isLast = index == statements.count - 1
        do throws(PostgresError) {
          try lastResult(
            of: statement.text, onInterrupt: isLast ? last ?? onInterrupt : onInterrupt
          ) { results.append($0) }
        } catch {
          // Without a connection no other answer comes.
          guard isUsable else { throw failure ?? error }
          failure = failure ?? error
        }
      }
      let end = try awaitSync(onInterrupt: last ?? onInterrupt)
      failure = failure ?? end
      guard PQexitPipelineMode(handle) == 1 else { throw lost("ending a pipeline") }
    } catch {
      // Nothing else may be sent while answers are missing.
      if isUsable { abandon() }
      throw error
    }
    if let failure { throw failure }
    guard results.count == statements.count else {
      throw .unexpected(operation: "a pipeline", what: "\(results.count) results")
    }
    return results
  }

  /// Reads until the end of a pipeline; returns the error of the commit at its end, or nil.
  ///
  /// Outside of a transaction, the end of a pipeline commits.
  private func awaitSync(onInterrupt: InterruptAction) throws(PostgresError) -> PostgresError? {
    var failure: PostgresError?
    while true {
      try awaitResult(onInterrupt: onInterrupt, operation: "statements")
      guard let result = PQgetResult(handle) else {
        guard isUsable else { throw failure ?? lost("statements") }
        continue
      }
      defer { PQclear(result) }
      switch PQresultStatus(result) {
      case PGRES_PIPELINE_SYNC: return failure
      case PGRES_FATAL_ERROR: failure = failure ?? refusal(result, statement: "COMMIT")
      default: break
      }
    }
  }

  private func send(_ text: String, _ parameters: [Parameter]) throws(PostgresError) {
    let flat = parameters.reduce(into: [UInt8]()) { $0 += $1.bytes ?? [] }
    let lengths = parameters.map { Int32($0.bytes?.count ?? 0) }
    let types = parameters.map { Oid($0.type) }
    let formats = [Int32](repeating: 1, count: parameters.count)
    let sent = flat.withUnsafeBytes { bytes in
      // An empty buffer may have no address, yet an empty value must not be read as null.
      let base = bytes.baseAddress ?? UnsafeRawPointer(bitPattern: 1)
      var offset = 0
      let values = parameters.map { parameter -> UnsafePointer<CChar>? in
        guard let count = parameter.bytes?.count else { return nil }
        defer { offset += count }
        return (base.map { $0 + offset })?.assumingMemoryBound(to: CChar.self)
      }
      return PQsendQueryParams(
        handle, text, Int32(parameters.count), types, values, lengths, formats, 1)
    }
    guard sent == 1 else { throw lost("sending a statement") }
  }

  /// Reads every result of the statements that were sent, and throws the first error at the end.
  func lastResult(of statement: String, onInterrupt: InterruptAction, keep: (QueryResult) -> Void)
    throws(PostgresError)
  {
    var failure: PostgresError?
    while true {
      do throws(PostgresError) {
        try awaitResult(onInterrupt: onInterrupt, operation: "a statement")
      } catch {
        throw afterwards(error, failure)
      }
      guard let result = PQgetResult(handle) else { break }
      switch PQresultStatus(result) {
      case PGRES_TUPLES_OK, PGRES_COMMAND_OK, PGRES_EMPTY_QUERY:
        let result = QueryResult(handle: result, statement: statement)
        if isActingAsApplication { writtenRows.add(result) }
        keep(result)
      case PGRES_PIPELINE_ABORTED:
        // An earlier statement has failed, and its error is reported.
        PQclear(result)
      case PGRES_COPY_IN, PGRES_COPY_OUT, PGRES_COPY_BOTH:
        PQclear(result)
        throw .unexpected(operation: statement, what: "COPY cannot be run like another statement")
      default:
        failure = failure ?? refusal(result, statement: statement)
        PQclear(result)
      }
    }
    if let failure { throw failure }
  }

  /// Handles a connection that breaks right after a refusal: libpq's message then repeats the
  /// message of the refusal.
  private func afterwards(_ error: PostgresError, _ refusal: PostgresError?) -> PostgresError {
    guard case .connectionLost(let operation, _) = error, let server = refusal?.serverError,
      server.severity == "ERROR"
    else { return error }
    return .connectionLost(
      operation: operation, reason: "the connection was lost after the server's message: \(server)")
  }

  /// Creates the error for a result that reports a failure.
  func refusal(_ result: OpaquePointer, statement: String) -> PostgresError {
    guard let sqlState = result.field(DiagnosticField.sqlState) else {
      // libpq's own failures have no code: the connection is gone.
      return .connectionLost(
        operation: "a statement", reason: String(cString: PQresultErrorMessage(result)).singleLine)
    }
    if sqlState == "57014", isInterrupted() { return .interrupted }
    var error = ServerError(result: result, sqlState: sqlState, statement: statement)
    error.isAmongRows = isHandlingRows || isActingAsApplication
    if let knownConstraints {
      error.namesKnownConstraint =
        ConstraintName(of: error).map(knownConstraints.contains) ?? false
    }
    return .server(error)
  }
}

extension OpaquePointer {
  /// Reads a field of a result's error report.
  func field(_ code: Int32) -> String? {
    PQresultErrorField(self, code).map { String(cString: $0) }
  }
}

extension ServerError {
  init(result: OpaquePointer, sqlState: String, statement: String) {
    self.init(
      severity: result.field(DiagnosticField.severity) ?? "ERROR",
      sqlState: sqlState,
      message: result.field(DiagnosticField.message)?.singleLine ?? "",
      detail: result.field(DiagnosticField.detail)?.singleLine,
      hint: result.field(DiagnosticField.hint)?.singleLine,
      schema: result.field(DiagnosticField.schema),
      table: result.field(DiagnosticField.table),
      constraint: result.field(DiagnosticField.constraint),
      position: result.field(DiagnosticField.position).flatMap { Int($0) },
      statement: statement,
      innerStatement: result.field(DiagnosticField.innerQuery),
      innerPosition: result.field(DiagnosticField.innerPosition).flatMap { Int($0) },
      routine: result.field(DiagnosticField.routine),
      context: ServerContext(result.field(DiagnosticField.context)))
  }
}
