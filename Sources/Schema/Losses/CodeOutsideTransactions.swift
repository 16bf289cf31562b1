internal import Postgres
internal import SQLText

/// The code that statements outside of transactions run: functions in the expressions of indexes
/// and statistics, and event triggers.
struct CodeOutsideTransactions {
  private let connection: Connection

  init(_ connection: Connection) { self.connection = connection }

  /// Returns the reason why the losses of a statement cannot be known; nil where the statement runs
  /// only the server's own code.
  func unknownReason(for statement: SQLStatement) throws(PostgresError) -> String? {
    let form = statement.form
    if let trigger = try eventTrigger(on: form) {
      return "the event trigger \(trigger) fires with this statement, which cannot be tried"
    }
    switch form {
    case .dropIndex, .detach: return nil
    case .buildIndex, .reindex: break
    default: guard statement.readsIndexes else { return nil }
    }
    let active = try activeFunctions()
    guard !active.isEmpty else { return nil }
    var found = try operatorFunction(among: active)
    if case .buildIndex = form {
      // Before the first bracket there are only the names of the index and the table.
      let pieces = CodeWords(statement.text).pieces.drop { $0 != .word("(") }
      found = found ?? active.first { pieces.contains(.word($0.name)) }?.name
    } else if found == nil {
      found = try expressionFunction(among: active)
    }
    return found.map {
      "this statement cannot be tried: it may call \($0), and a rollback may not undo what that does"
    }
  }

  private func eventTrigger(on form: StatementForm) throws(PostgresError) -> String? {
    let tag: String
    switch form {
    case .buildIndex: tag = "CREATE INDEX"
    case .dropIndex: tag = "DROP INDEX"
    case .detach: tag = "ALTER TABLE"
    case .reindex: tag = "REINDEX"
    default: return nil
    }
    return try connection.scalar(
      """
      SELECT min(evtname::text) FROM pg_event_trigger
      WHERE evtenabled IN ('O', 'A') AND (evttags IS NULL OR \(tag) = ANY(evttags))
        AND evtevent IN ('ddl_command_start', 'ddl_command_end', 'sql_drop')
      """)
  }

  // MARK: Functions

  /// Finds the functions that may write: those that are declared VOLATILE, those in an untrusted
  /// language, and those whose code names such a function or contains EXECUTE.
  ///
  /// A function that is not VOLATILE cannot write by itself, but a VOLATILE function that it calls
  /// can.
  private func activeFunctions() throws(PostgresError) -> [FunctionReach.Function] {
    let all = try FunctionReach.functions(on: connection, where: "true")
    guard !all.isEmpty else { return [] }
    let rows = try connection.query(
      """
      SELECT DISTINCT lower(p.proname) FROM pg_proc p JOIN pg_language l ON l.oid = p.prolang
      WHERE p.provolatile = 'v' AND l.lanname IN ('c', 'internal')
      """)
    var names: Set = ["execute"]
    for row in 0..<rows.rowCount { names.insert(try rows.value(row, 0)) }
    var quiet: [(function: FunctionReach.Function, words: Set<String>)] = []
    var active: [FunctionReach.Function] = []
    for function in all {
      if function.isVolatile || !function.isTrusted {
        active.append(function)
        names.insert(function.name)
      } else {
        quiet.append((function, function.code.words))
      }
    }
    while true {
      let more = quiet.filter { !$0.words.isDisjoint(with: names) }
      if more.isEmpty { return active }
      quiet.removeAll { !$0.words.isDisjoint(with: names) }
      active += more.map(\.function)
      names.formUnion(more.map(\.function.name))
    }
  }

  private func list(_ functions: [FunctionReach.Function]) -> SQL {
    SQL(script: functions.map { "\($0.number)" }.joined(separator: ","))
  }

  /// Finds a function in `functions` that a statement may call without writing its name: through an
  /// operator, a cast or an index's operator class; nil where there is none.
  private func operatorFunction(among functions: [FunctionReach.Function]) throws(PostgresError)
    -> String?
  {
    let list = list(functions)
    return try connection.scalar(FunctionReachQueries.functionOfOperator(functions: list))
  }

  /// Finds a function in `functions` that an index or extended statistics call; nil where there is
  /// none.
  private func expressionFunction(among functions: [FunctionReach.Function])
    throws(PostgresError) -> String?
  {
    try connection.scalar(FunctionReachQueries.functionOfExpression(functions: list(functions)))
  }
}

extension SQLStatement {
  /// True for statements that evaluate the expressions of indexes.
  fileprivate var readsIndexes: Bool {
    ["VACUUM", "REINDEX", "CLUSTER", "ANALYZE"].contains { begins(with: $0) }
  }
}
