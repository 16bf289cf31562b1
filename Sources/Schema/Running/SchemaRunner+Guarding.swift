internal import MigrationFiles
internal import SQLText
internal import Postgres

/// The roles that a session has at one moment.
struct SessionIdentity: Equatable {
  /// The role with which the session has connected.
  var sessionUser = ""
  /// The role whose rights the session uses.
  var user = ""
  /// The role that `SET ROLE` has set; usually `none`.
  var role = "none"

  static let query: SQL = "SELECT session_user::text, current_user::text, current_setting('role')"

  static func read(_ connection: Connection) throws(PostgresError) -> SessionIdentity {
    try SessionIdentity(try connection.query(query))
  }

  init() {}

  /// Creates the value from the answer to the query in `query`.
  init(_ row: QueryResult) throws(PostgresError) {
    sessionUser = try row.value(0, 0)
    user = try row.value(0, 1)
    role = try row.value(0, 2)
  }
}

/// Protects the lock and the ledger from the statements of a migration's file, which may change the
/// session.
extension SchemaRunner {
  /// Runs `body` in a new transaction, which does not hold the lock for migrations itself.
  func inTransaction(_ body: () throws -> Void) throws {
    isGuarded = false
    try connection.transaction { try body() }
  }

  /// Runs `body` in a new transaction, which itself holds the lock for migrations from its
  /// beginning.
  ///
  /// It takes the lock later where the file's first statement must come before any query, such as
  /// SET TRANSACTION.
  func inTransaction(before first: SQLStatement?, _ body: () throws -> Void) throws {
    guard first?.mayCallFunctions == true else { return try inTransaction(body) }
    isGuarded = false
    let opening = [MigrationLock.hold] + [losses?.opening].compactMap { $0 }
    try connection.transaction(opening: opening) { answers in
      try lock.checkHold(answers[0])
      isGuarded = true
      if let losses { try losses.begin(from: RowActivity(answers[1])) }
      try body()
    }
  }

  /// Sends a statement; before it, the open transaction takes the lock for migrations, so that the
  /// statement cannot release it.
  func sendGuarded(_ statement: SQLStatement) throws {
    if !isGuarded, statement.mayCallFunctions {
      try lock.holdThroughTransaction()
      isGuarded = true
      if let losses { try asConnectedRole(in: losses.section) { try losses.begin() } }
    }
    try losses?.checkOutside(statement)
    try send(statement)
  }

  /// Checks the losses of the open transaction, which is committed afterwards.
  func checkLosses(of step: SchemaPlan.Step) throws {
    guard let losses, isGuarded else { return }
    // Deferred triggers run with the role that the file has set.
    try losses.fireDeferred(of: step)
    var found: [Loss] = []
    try asConnectedRole(in: step.section) { found = try losses.check() }
    if !found.isEmpty { observe(.lost(step, found)) }
  }

  /// Runs `body`, which only reads, with the role that has connected; afterwards the session has
  /// the role of the file again.
  func asConnectedRole(in section: MigrationSection?, _ body: () throws -> Void) throws {
    guard section?.mayChangeRole != false else { return try body() }
    let now = try SessionIdentity.read(connection)
    guard now.user != identity.user || now.sessionUser != identity.sessionUser else {
      return try body()
    }
    try connection.execute(script: "SAVEPOINT vector_ferry_role")
    try setConnectedRole()
    try body()
    try connection.execute(
      script: "ROLLBACK TO SAVEPOINT vector_ferry_role; RELEASE SAVEPOINT vector_ferry_role")
  }

  /// Takes the lock again and sets the role that has connected, for the rest of the transaction.
  ///
  /// At COMMIT the session gets the file's role back, because the role is set with `SET LOCAL`.
  ///
  /// - Returns: true where the session may have temporary objects.
  @discardableResult
  func takeOver() throws(PostgresError) -> Bool {
    let answers = try lock.renew(and: [SessionIdentity.query, TemporaryObject.mayExist])
    try setConnectedRole(from: SessionIdentity(answers[0]))
    return try answers[1].value(0, 0)
  }

  private func setConnectedRole() throws(PostgresError) {
    try setConnectedRole(from: SessionIdentity.read(connection))
  }

  private func setConnectedRole(from now: SessionIdentity) throws(PostgresError) {
    if now.sessionUser != identity.sessionUser {
      try connection.execute(script: "SET LOCAL SESSION AUTHORIZATION DEFAULT")
    }
    guard now.user != identity.user || now.sessionUser != identity.sessionUser else { return }
    let role: SQL = identity.role == "none" ? "NONE" : "\(Identifier(identity.role))"
    try connection.execute(script: "SET LOCAL ROLE \(role)")
  }

  /// Records the number of a statement that is about to run outside of a transaction, and that may
  /// end without being counted.
  func markInDoubt(statement number: Int, of step: SchemaPlan.Step) throws {
    try inTransaction {
      try takeOver()
      try ledger.setDoubt(about: number, version: step.version, set: set.name)
    }
  }

  /// Counts a statement that was executed outside of a transaction; throws where the session has
  /// lost the lock.
  func advance(_ step: SchemaPlan.Step, to done: Int) throws {
    try note(step.section.statements[done - 1]) {
      // An executed statement is counted, even if the operator wants to stop.
      try connection.uninterruptibly { try count(step, to: done) }
    }
  }

  private func count(_ step: SchemaPlan.Step, to done: Int) throws {
    guard try lock.isHeld() else {
      // If another process has the lock now, it may have counted more: never count backwards.
      try inTransaction {
        try setConnectedRole()
        try ledger.advance(step.version, set: set.name, done: done, onlyFrom: done - 1)
      }
      throw MigrationLock.lost
    }
    try inTransaction {
      try takeOver()
      try ledger.advance(step.version, set: set.name, done: done)
    }
  }
}

extension SQLStatement {
  /// False for statements such as SET and LOCK, which call no function; some of them must come
  /// before the first query of a transaction.
  fileprivate var mayCallFunctions: Bool {
    guard let first = words.first, first.kind == .word else { return true }
    return !["SET", "RESET", "SHOW", "LOCK"].contains(first.text)
  }
}
