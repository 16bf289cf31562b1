internal import Postgres

/// What a dry run has seen.
public struct SchemaTrial: Sendable, Equatable {
  /// A lock that a statement has taken.
  public struct Lock: Sendable, Equatable, Hashable {
    /// The table or index.
    public let relation: String
    /// The lock's mode, `AccessExclusiveLock` say.
    public let mode: String
  }

  /// One statement, and what it did or would do.
  public struct Entry: Sendable, Equatable {
    /// The migration.
    public let step: SchemaPlan.Step
    /// The statement.
    public let statement: SQLStatement
    /// True where it was executed and rolled back.
    public let isTried: Bool
    /// The locks it took on tables and indexes that were there before.
    public let locks: [Lock]
    /// What is dangerous about it.
    public let warnings: [String]
  }

  /// The statements in order.
  public var entries: [Entry] = []
  /// The statement that failed, if one did.
  public var failure: String?
}

extension SchemaRunner {
  /// Executes a plan in a transaction that is rolled back, as far as PostgreSQL allows it.
  ///
  /// Statements that cannot be in a transaction are shown with the lock that their documentation
  /// names; one that fails after such a statement was left out may be right all the same.
  public func tryOut(_ plan: SchemaPlan, isProduction: Bool) throws -> SchemaTrial {
    var trial = SchemaTrial()
    do {
      try locked {
        // A ledger that does not exist yet is made and rolled back with the rest.
        try connection.execute(script: "BEGIN")
        defer { rollBack() }
        try lock.holdThroughTransaction()
        try ledger.ensure()
        var known = try StatementObserver.heldLocks(connection)
        let start = try StatementObserver(connection: connection, isProduction: isProduction)
          .facts(of: nil, rows: nil)
        for step in plan.steps {
          try tryOut(
            step, isProduction: isProduction, since: start, known: &known, into: &trial)
          if trial.failure != nil { return }
        }
      }
    } catch let error as PostgresError {
      guard error.serverError != nil else { throw error }
      trial.failure = error.description
    }
    return trial
  }

  private func tryOut(
    _ step: SchemaPlan.Step, isProduction: Bool, since start: StatementObserver.Facts,
    known: inout Set<StatementObserver.HeldLock>,
    into trial: inout SchemaTrial
  ) throws {
    var leftOut = false
    for statement in step.section.statements.dropFirst(step.done) {
      let form = statement.form
      let observer = StatementObserver(connection: connection, isProduction: isProduction)
      let before = try observer.facts(of: statement, rows: start.files.mapValues(\.rows))
      if form.isTransactionControl { continue }
      var isTried = step.section.canTry(form)
      do {
        if isTried { isTried = try sendForTrial(statement, of: step) }
      } catch let error as PostgresError {
        guard error.serverError != nil else { throw error }
        trial.failure = Self.description(of: error, at: statement, step, inDoubt: leftOut)
        return
      }
      guard isTried else {
        leftOut = true
        trial.entries.append(
          SchemaTrial.Entry(
            step: step, statement: statement, isTried: false,
            locks: observer.documentedLocks(of: statement), warnings: before.warnings))
        continue
      }
      let locks = try StatementObserver.heldLocks(connection)
      trial.entries.append(
        SchemaTrial.Entry(
          step: step, statement: statement, isTried: true,
          locks: locks.subtracting(known).compactMap { lock in
            start.relations[lock.relation].map { SchemaTrial.Lock(relation: $0, mode: lock.mode) }
          }.sorted { ($0.relation, $0.mode) < ($1.relation, $1.mode) },
          warnings: before.warnings
            + (try observer.rewrites(since: before).filter { line in
              start.files.keys.contains { line.contains("table \($0) ") }
            })))
      known = locks
    }
    try session.restore()
  }

  /// Sends a statement; false where only the server knew that it must stand alone.
  private func sendForTrial(_ statement: SQLStatement, of step: SchemaPlan.Step) throws -> Bool {
    guard step.section.mode == .eachAlone else {
      try send(statement)
      return true
    }
    try connection.execute(script: "SAVEPOINT vector_ferry_trial")
    do {
      try send(statement)
      try connection.execute(script: "RELEASE SAVEPOINT vector_ferry_trial")
      return true
    } catch let error as PostgresError where error.serverError?.sqlState == "25001" {
      try connection.execute(script: "ROLLBACK TO SAVEPOINT vector_ferry_trial")
      return false
    }
  }

  private static func description(
    of error: PostgresError, at statement: SQLStatement, _ step: SchemaPlan.Step, inDoubt: Bool
  ) -> String {
    let failure = MigrationFailure(
      step: step, statement: statement, cause: error, remainder: .nothing)
    let doubt = inDoubt ? " (a statement before it could not be tried)" : ""
    return "\(step.section.file):\(failure.position.map { "\($0)" } ?? ""): \(error)\(doubt)"
  }
}

extension MigrationSection {
  /// True where a statement can be executed in a transaction that is rolled back.
  fileprivate func canTry(_ form: StatementForm) -> Bool {
    switch form {
    case .addEnumValue: true
    case .procedure: isOneTransaction
    default: !form.mustStandAlone
    }
  }
}
