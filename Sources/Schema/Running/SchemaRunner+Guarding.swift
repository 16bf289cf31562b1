internal import MigrationFiles
internal import SQLText
internal import Postgres

/// Whom the server takes a session for.
struct SessionIdentity: Equatable {
  /// The role that has connected.
  var sessionUser = ""
  /// The role whose rights count.
  var user = ""
  /// What `SET ROLE` was given; `none` usually.
  var role = "none"

  static func read(_ connection: Connection) throws(PostgresError) -> SessionIdentity {
    let row = try connection.query(
      "SELECT session_user::text, current_user::text, current_setting('role')")
    return SessionIdentity(
      sessionUser: try row.value(0, 0), user: try row.value(0, 1), role: try row.value(0, 2))
  }
}

/// The lock and the ledger against whatever a file does to its session.
extension SchemaRunner {
  /// One transaction of ours, to which the lock is not bound yet.
  func inTransaction(_ body: () throws -> Void) throws {
    isGuarded = false
    try connection.transaction { try body() }
  }

  /// Sends a statement inside a transaction, in which nothing gives the lock up.
  func sendGuarded(_ statement: SQLStatement) throws {
    if !isGuarded, statement.mayCallFunctions {
      try lock.holdThroughTransaction()
      isGuarded = true
      if let losses { try asConnectedRole(in: losses.section) { try losses.begin() } }
    }
    try losses?.checkOutside(statement)
    try send(statement)
  }

  /// Looks at what the open transaction takes away, before it is committed.
  func checkLosses(of step: SchemaPlan.Step) throws {
    guard let losses, isGuarded else { return }
    // What COMMIT would fire is fired as the role that the file has taken.
    try losses.fireDeferred(of: step)
    var found: [Loss] = []
    try asConnectedRole(in: step.section) { found = try losses.check() }
    if !found.isEmpty { observe(.lost(step, found)) }
  }

  /// Runs `body`, which only looks, as the role that has connected; the file keeps its role.
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

  /// Makes the rest of the transaction ours: under the lock, as the role that has connected.
  ///
  /// The role that the file has taken comes back with COMMIT, as `SET LOCAL` has it.
  func takeOver() throws(PostgresError) {
    try lock.renew()
    try setConnectedRole()
  }

  private func setConnectedRole() throws(PostgresError) {
    let now = try SessionIdentity.read(connection)
    if now.sessionUser != identity.sessionUser {
      try connection.execute(script: "SET LOCAL SESSION AUTHORIZATION DEFAULT")
    }
    guard now.user != identity.user || now.sessionUser != identity.sessionUser else { return }
    let role: SQL = identity.role == "none" ? "NONE" : "\(Identifier(identity.role))"
    try connection.execute(script: "SET LOCAL ROLE \(role)")
  }

  /// Notes that a statement is about to run whose end the ledger may not learn of.
  func markInDoubt(statement number: Int, of step: SchemaPlan.Step) throws {
    try inTransaction {
      try takeOver()
      try ledger.setDoubt(about: number, version: step.version, set: set.name)
    }
  }

  /// Counts a statement that stands by itself; stops where it has given the lock up.
  func advance(_ step: SchemaPlan.Step, to done: Int) throws {
    try note(step.section.statements[done - 1]) {
      // What is done is counted, even if the operator wants to stop.
      try connection.uninterruptibly { try count(step, to: done) }
    }
  }

  private func count(_ step: SchemaPlan.Step, to done: Int) throws {
    guard try lock.isHeld() else {
      // Whoever has the lock by now may have come further: never count back.
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
  /// False for what must stand before the first query of a transaction, and calls nothing.
  fileprivate var mayCallFunctions: Bool {
    guard let first = words.first, first.kind == .word else { return true }
    return !["SET", "RESET", "SHOW", "LOCK"].contains(first.text)
  }
}
