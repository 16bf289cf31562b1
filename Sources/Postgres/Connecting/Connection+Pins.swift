internal import CLibPQ

extension Connection {
  /// Looks at the settings of a session that was just opened, and sets what this program's own
  /// statements stand on.
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
        reason: "session_replication_role is \(role): the table's triggers and foreign keys would "
          + "not be heeded, and this role may not set it back; ALTER ROLE … RESET "
          + "session_replication_role, for the database too")
    }
  }

  /// A pooler that hands each statement to another session can hold no transaction together.
  private func requireTransactions(_ pins: SessionPins, _ target: ConnectionTarget)
    throws(PostgresError)
  {
    do throws(PostgresError) {
      // In two messages: one that ends its own transaction is one statement to such a pooler.
      try script("BEGIN; " + pins.afterBegin)
      try script("COMMIT")
    } catch {
      if case .interrupted = error { throw error }
      throw .configuration(
        source: target.description,
        reason: "the connection goes through a pooler that takes no transactions "
          + "(\(error.description)): connect to the server itself, or to a pooler in the mode "
          + "\"session\" or \"transaction\"")
    }
  }

  /// The schemas that names without one are looked for in, in order, as the application's sessions
  /// have it; never those of temporary tables.
  public func searchedSchemas() throws(PostgresError) -> [Identifier] {
    if let pins { return pins.schemas }
    let rows = try asWritten { () throws(PostgresError) in
      try query("SELECT pg_catalog.unnest(pg_catalog.current_schemas(true))::pg_catalog.text")
    }
    let names: [String] = try rows.map { (row) throws(PostgresError) in try rows.value(row, 0) }
    return names.filter { !SessionPins.isTemporary($0) }.map { Identifier($0) }
  }

  /// The full name of the table, or whatever has its name among tables, that a name means to the
  /// application; nil where there is none.
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

  /// What a setting was when the session was opened; nil where it was not asked for.
  public func openedWith(_ setting: String) -> String? { pins?.original[setting] }

  /// True where a pooler stands between: other statements may meet another session of the server.
  public var isPooled: Bool { pins?.isPooled ?? false }
}

// MARK: The application's own

extension Connection {
  /// Runs `body`, whose statements fire triggers of the application, with the settings that its own
  /// sessions have: what they call by name they find.
  ///
  /// Its statements name everything in full, operators as well. It is for a transaction that is open.
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
      // Where the transaction is to go on all the same.
      if isUsable, PQtransactionStatus(handle) == PQTRANS_INTRANS { try? pinAgain() }
      throw error
    }
    try pinAgain()
    return result
  }

  /// Makes deferred triggers and constraints fire now: what they do is then seen by whoever reads
  /// back, and nothing is left for COMMIT.
  public func fireDeferred() throws {
    try asApplication { try query("SET CONSTRAINTS ALL IMMEDIATE") }
  }

  /// Sets everything again: a trigger may have set what it liked.
  private func pinAgain() throws(PostgresError) {
    guard let pins else { return }
    mayHaveLostPins = true
    _ = try query(SessionPins.statement(pins.pinned, isLocal: true), onInterrupt: .unconditional)
  }

  /// Runs what is sent outside of transactions under the settings as well.
  ///
  /// Behind a pooler it becomes a transaction of its own.
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
    // What a trigger has set for the whole session came into force with the COMMIT.
    if mayHaveLostPins {
      mayHaveLostPins = false
      _ = try query(SessionPins.statement(pins.pinned, isLocal: false), onInterrupt: .cancelling)
    }
    return try body()
  }

  /// Sends a text of several statements as it is.
  func script(_ sql: SQL) throws(PostgresError) {
    try settleCancelRequest()
    let text = sql.text
    guard PQsendQuery(handle, text) == 1 else { throw lost("sending a script") }
    try lastResult(of: text, onInterrupt: .cancelling) { _ in }
  }
}
