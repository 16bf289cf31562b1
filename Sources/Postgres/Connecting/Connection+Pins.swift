internal import CLibPQ

extension Connection {
  /// Reads the settings of a session that was just opened, and sets those on which this program's
  /// own statements depend.
  func pin(as target: ConnectionTarget) throws(PostgresError) {
    let row = try query(SessionPins.question, onInterrupt: .cancelling)
    let process: Int = try row.value(0, 0)
    var original: [String: String] = [:]
    for (index, name) in SessionPins.names.enumerated() {
      original[name] = try row.optional(0, index + 2, as: String.self)
    }
    let schemas: [String] = try row.map { (number) throws(PostgresError) in
      try row.value(number, 1)
    }
    let pins = SessionPins(
      isPooled: process != backendPID, schemas: schemas, original: original)
    if pins.isPooled { try requireTransactions(pins, target) } else { try set(pins, target) }
    self.pins = pins
  }

  private func set(_ pins: SessionPins, _ target: ConnectionTarget) throws(PostgresError) {
    _ = try query(SessionPins.statement(pins.pinned, isLocal: false), onInterrupt: .cancelling)
    let role = pins.original["session_replication_role"] ?? "origin"
    guard role != "origin" else { return }
    do throws(PostgresError) {
      _ = try query("SET session_replication_role = origin", onInterrupt: .cancelling)
    } catch {
      guard error.serverError != nil else { throw error }
      throw .configuration(
        source: target.description,
        reason:
          "session_replication_role is \(role): the table's triggers and foreign keys would be "
          + "ignored, and this role may not reset the setting; as a superuser, run ALTER ROLE … "
          + "RESET session_replication_role, and ALTER DATABASE … RESET session_replication_role")
    }
  }

  /// Refuses a pooler that gives each statement to another session, because transactions are then
  /// impossible.
  private func requireTransactions(_ pins: SessionPins, _ target: ConnectionTarget)
    throws(PostgresError)
  {
    do throws(PostgresError) {
      // In two messages, because such a pooler treats a message that ends its own transaction as
      // one statement.
      try script("BEGIN; " + pins.afterBegin)
      try script("COMMIT")
    } catch {
      if case .interrupted = error { throw error }
      throw .configuration(
        source: target.description,
        reason:
          "the connection goes through a pooler that does not support transactions "
          + "(\(error.description)): connect to the server itself, or to a pooler in the mode "
          + "\"session\" or \"transaction\"")
    }
  }

  /// Lists the schemas in which the application's sessions look up names without a schema, in
  /// order; the schemas of temporary tables are left out.
  public func searchedSchemas() throws(PostgresError) -> [Identifier] {
    if let pins { return pins.schemas }
    let rows = try asWritten { () throws(PostgresError) in
      try query("SELECT pg_catalog.unnest(pg_catalog.current_schemas(true))::pg_catalog.text")
    }
    let names: [String] = try rows.map { (row) throws(PostgresError) in try rows.value(row, 0) }
    return names.filter { !SessionPins.isTemporary($0) }.map { Identifier($0) }
  }

  /// Finds the full name of the table or other relation that the application finds by a name; nil
  /// where no schema has it.
  ///
  /// The schemas in `leavingOut` are not searched.
  public func resolve(_ name: QualifiedName, leavingOut others: [Identifier] = [])
    throws(PostgresError) -> QualifiedName?
  {
    let schemas: [Identifier]
    if let schema = name.schema {
      schemas = [schema]
    } else {
      schemas = try searchedSchemas().filter { !others.contains($0) }
    }
    for schema in schemas {
      let full = QualifiedName(schema: schema, name.name)
      let isThere: Bool? = try scalar("SELECT pg_catalog.to_regclass(\(full.quoted)) IS NOT NULL")
      if isThere == true { return full }
    }
    return nil
  }

  /// Returns the value of a setting when the session was opened; nil where the setting was not
  /// read.
  public func openedWith(_ setting: String) -> String? { pins?.original[setting] }

  /// True where the session goes through a pooler: later statements may reach another session of
  /// the server.
  public var isPooled: Bool { pins?.isPooled ?? false }
}

// MARK: The application's own

extension Connection {
  /// Runs `body`, whose statements fire triggers of the application, with the settings of the
  /// application's own sessions, so that triggers find what they name.
  ///
  /// The statements must name everything in full, operators as well. A transaction is begun where
  /// none is open.
  @discardableResult
  public func asApplication<Result>(_ body: () throws -> Result) throws -> Result {
    guard let pins, !isActingAsApplication else { return try body() }
    guard isInTransaction else { return try transaction { try asApplication(body) } }
    if knownConstraints == nil { knownConstraints = try ConstraintName.all(on: self) }
    isActingAsApplication = true
    defer { isActingAsApplication = false }
    try query(SessionPins.statement(pins.applications, isLocal: true))
    let result: Result
    do {
      result = try body()
    } catch {
      // For callers that continue the transaction.
      if isUsable, PQtransactionStatus(handle) == PQTRANS_INTRANS { try? pinAgain() }
      throw error
    }
    try pinAgain()
    return result
  }

  /// Fires deferred triggers and constraints now, so that rows that are read afterwards show the
  /// effects, and nothing is left for COMMIT.
  ///
  /// A trigger may write rows, which queue other triggers, and may defer triggers again: firing is
  /// repeated as long as rows are written.
  public func fireDeferred() throws {
    // Only triggers that users have declared to be deferrable can queue more triggers.
    let mayQueueMore = try queryAsApplication(
      "SET CONSTRAINTS ALL IMMEDIATE",
      after: "SELECT EXISTS (SELECT FROM pg_trigger WHERE tgdeferrable AND NOT tgisinternal)")
    guard try mayQueueMore.optional(0, 0) == true else { return }
    var last = try commandNumber()
    for _ in 0..<Self.mostFirings {
      try asApplication { try query("SET CONSTRAINTS ALL IMMEDIATE") }
      let next = try commandNumber()
      // The next number belongs to `commandNumber` itself: no other statement has written rows.
      if next <= last + 1 { return }
      last = next
    }
    throw PostgresError.unexpected(
      operation: "firing deferred triggers",
      what:
        "after \(Self.mostFirings) times the triggers still queue other triggers for COMMIT; "
        + "disable them while this command runs (ALTER TABLE … DISABLE TRIGGER …)")
  }

  /// The number of times that deferred triggers are fired; if they queue other triggers even then,
  /// an error is thrown.
  private static let mostFirings = 100

  /// Writes a row, and returns the number that the server gave to that statement: within a
  /// transaction, the number grows by one with each statement that writes, also with the statements
  /// of triggers; no setting changes that.
  private func commandNumber() throws(PostgresError) -> Int {
    let isThere: Bool? = try scalar(
      "SELECT to_regclass('pg_temp.vector_ferry_commands') IS NOT NULL")
    if isThere != true {
      try query("CREATE TEMPORARY TABLE vector_ferry_commands (number int) ON COMMIT DROP")
    }
    try query("INSERT INTO pg_temp.vector_ferry_commands VALUES (1)")
    return try scalar("SELECT max(cmin::text::bigint) FROM pg_temp.vector_ferry_commands") ?? 0
  }

  /// Executes a statement as `asApplication` does, after a query of this program, and returns the
  /// rows of the query.
  ///
  /// The query, the statement and the changes of settings are sent together.
  private func queryAsApplication(_ statement: SQL, after question: SQL) throws -> QueryResult {
    guard let pins, !isActingAsApplication, isInTransaction else {
      let answer = try query(question)
      try asApplication { try query(statement) }
      return answer
    }
    if isInterrupted() { throw PostgresError.interrupted }
    if knownConstraints == nil { knownConstraints = try ConstraintName.all(on: self) }
    isActingAsApplication = true
    defer { isActingAsApplication = false }
    mayHaveLostPins = true
    return try exchange(
      [
        question, SessionPins.statement(pins.applications, isLocal: true), statement,
        SessionPins.statement(pins.pinned, isLocal: true),
      ], onInterrupt: .cancelling)[0]
  }

  /// Returns the statement that sets all settings again, where a trigger may have changed a setting
  /// for the whole session; else returns no statement.
  func pinningAgain(isLocal: Bool) -> [SQL] {
    guard let pins, mayHaveLostPins else { return [] }
    return [SessionPins.statement(pins.pinned, isLocal: isLocal)]
  }

  /// Sets all settings again, because a trigger may have changed any of them.
  private func pinAgain() throws(PostgresError) {
    guard let pins else { return }
    mayHaveLostPins = true
    _ = try query(SessionPins.statement(pins.pinned, isLocal: true), onInterrupt: .unconditional)
  }

  /// Runs `body` with this program's settings, inside or outside of a transaction.
  ///
  /// Behind a pooler, and outside of a transaction, the statements of `body` become a transaction
  /// of their own.
  func pinned<Result>(_ body: () throws(PostgresError) -> Result) throws(PostgresError) -> Result {
    guard let pins, !isInTransaction else { return try body() }
    if pins.isPooled {
      try script("BEGIN; " + pins.afterBegin)
      let result: Result
      do throws(PostgresError) { result = try body() } catch {
        rollBack()
        throw error
      }
      try commit()
      return result
    }
    // A setting that a trigger made for the whole session takes effect with the COMMIT.
    if mayHaveLostPins {
      _ = try query(SessionPins.statement(pins.pinned, isLocal: false), onInterrupt: .cancelling)
      mayHaveLostPins = false
    }
    return try body()
  }

  /// Sends a text of several statements as it is, and waits for the server's answers.
  func script(_ sql: SQL) throws(PostgresError) {
    try settleCancelRequest()
    let text = sql.text
    guard PQsendQuery(handle, text) == 1 else { throw lost("sending a script") }
    try lastResult(of: text, onInterrupt: .cancelling) { _ in }
  }
}
