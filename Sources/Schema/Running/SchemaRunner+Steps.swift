internal import MigrationFiles
internal import OwnSchema
internal import SQLText
internal import Glibc
internal import Postgres

/// The failure of a statement, COMMIT or the ledger, before its effect on the database is known.
struct StatementFault: Error {
  let statement: SQLStatement?
  let cause: PostgresError
}

extension SchemaRunner {
  /// Runs a migration, and tries it again where a lock was not free in time.
  ///
  /// - Returns: the new objects that are deleted when the session ends.
  func run(_ step: SchemaPlan.Step, batch: Int) throws -> [TemporaryObject] {
    observe(.began(step))
    let start = ContinuousClock.now
    var attempt = 0
    var mayHaveTemporary: Bool
    while true {
      do {
        mayHaveTemporary = try attemptOnce(step, batch: batch)
        break
      } catch let fault as StatementFault {
        settle(after: fault, of: step)
        attempt += 1
        guard fault.cause.isWorthAnotherTry, attempt <= options.lockRetries,
          connection.isUsable
        else { throw try failure(fault, of: step) }
        observe(.retrying(step, attempt: attempt, reason: fault.cause.description))
        usleep(UInt32(min(attempt, 10)) * 200_000)
      }
    }
    let temporary = mayHaveTemporary ? try newTemporaryObjects() : []
    knownTemporary.formUnion(temporary)
    try session.restore()
    observe(.finished(step, seconds: start.duration(to: .now).seconds))
    if !temporary.isEmpty { observe(.temporary(step, temporary)) }
    return temporary
  }

  /// Finds the temporary objects of this session that were not reported for an earlier migration.
  func newTemporaryObjects() throws(PostgresError) -> [TemporaryObject] {
    try TemporaryObject.all(on: connection).filter { !knownTemporary.contains($0) }
  }

  /// Runs a migration once, without further attempts.
  ///
  /// - Returns: true where the migration has created objects that are deleted when the session
  ///   ends.
  private func attemptOnce(_ step: SchemaPlan.Step, batch: Int) throws -> Bool {
    switch step.section.mode {
    case .oneTransaction: try runAsOneTransaction(step, batch: batch)
    case .eachAlone, .itsOwn:
      try runStatementwise(step, row: try ledgerRow(of: step), batch: batch)
    }
  }

  /// Runs all statements in one transaction, together with writing the ledger's row.
  ///
  /// - Returns: true where the migration has created objects that are deleted when the session
  ///   ends.
  private func runAsOneTransaction(_ step: SchemaPlan.Step, batch: Int) throws -> Bool {
    let start = ContinuousClock.now
    let statements = step.section.statements
    var mayHaveTemporary = false
    try note(nil) {
      let ends = step.section.unitEnds
      if !ends.isEmpty { losses?.prepare(for: step, statement: 0, ends: ends) }
      try inTransaction(before: statements.first) {
        for (index, statement) in statements.enumerated() {
          observe(.statement(statement, number: index + 1, of: statements.count))
          try note(statement) { try sendGuarded(statement) }
        }
        if statements.contains(where: { $0.form == .setting }) {
          // The ledger is written with this program's settings, whatever the file has set.
          try connection.execute(
            script: "RESET SESSION AUTHORIZATION; RESET ROLE; RESET ALL")
        }
        try checkLosses(of: step)
        mayHaveTemporary = try takeOver()
        mayHaveTemporary = try conclude(
          step, batch: batch, since: start, mayHaveTemporary: mayHaveTemporary)
      }
    }
    return mayHaveTemporary
  }

  /// Records in the ledger that a migration is applied, or deletes the row of one that is undone.
  ///
  /// - Parameters:
  /// - batch: the batch number for a migration that has no row yet.
  /// - mayHaveTemporary: false where the session has no temporary objects.
  /// - Returns: true where the migration has created objects that are deleted when the session
  ///   ends.
  func conclude(
    _ step: SchemaPlan.Step, batch: Int, since start: ContinuousClock.Instant,
    mayHaveTemporary: Bool
  ) throws(PostgresError) -> Bool {
    guard step.isUp, let migration = step.migration else {
      try ledger.remove(step.version, set: set.name)
      return false
    }
    let temporary = mayHaveTemporary ? try newTemporaryObjects() : []
    try ledger.record(
      migration, set: set.name, batch: batch, state: .applied,
      done: migration.up.statements.count, seconds: start.duration(to: .now).seconds,
      note: temporary.isEmpty ? nil : temporary.note)
    return !temporary.isEmpty
  }

  /// Sends a statement to the server as it is written.
  func send(_ statement: SQLStatement) throws {
    if let part = statement.part {
      switch part {
      case .ferrySchema: try FerrySchema.installInTransaction(on: connection)
      }
    } else if let data = statement.copyData {
      try connection.copyIn(statement: SQL(script: statement.text), data: data)
    } else {
      try refuseForeignOwner(of: statement)
      try connection.execute(script: SQL(script: text(of: statement)))
      // Another session may have created such an object meanwhile, which was then replaced.
      try refuseForeignOwner(of: statement)
    }
  }

  /// Adds the statement to an error of the server or connection that `body` throws; other errors
  /// are not changed.
  func note(_ statement: SQLStatement?, _ body: () throws -> Void) throws {
    do {
      try body()
    } catch let cause as PostgresError {
      throw StatementFault(statement: statement, cause: cause)
    }
  }

  private func ledgerRow(of step: SchemaPlan.Step) throws -> LedgerRow? {
    try ledger.row(of: step.version, set: set.name)
  }

  /// Finds the place of an error inside of a block or function that a file contains.
  func inner(of fault: StatementFault, in step: SchemaPlan.Step) -> InnerFault? {
    guard let statement = fault.statement, let error = fault.cause.serverError else { return nil }
    return InnerFault(
      of: error, in: statement, of: [step.section] + set.migrations.map(\.up))
  }

  /// Rolls back a transaction that a failed statement has left open.
  func rollBack() {
    guard connection.isUsable, connection.isInTransaction else { return }
    _ = try? connection.execute(script: "ROLLBACK")
  }

  /// Restores the session after a failure.
  ///
  /// Where the server has refused the statement, the ledger no longer counts it as one that may
  /// have been executed.
  private func settle(after fault: StatementFault, of step: SchemaPlan.Step) {
    connection.uninterruptibly {
      rollBack()
      guard connection.isUsable else { return }
      // The role that the file has set may not be allowed to read the ledger.
      try? session.restore()
      // A statement that the server has refused was not executed.
      if fault.cause.serverError != nil {
        try? ledger.setDoubt(about: nil, version: step.version, set: set.name)
      }
    }
  }

  /// Creates the error for a failed statement; it says what the ledger has recorded of the
  /// migration.
  private func failure(_ fault: StatementFault, of step: SchemaPlan.Step) throws
    -> MigrationFailure
  {
    // If the server does not answer any more, the planned values are used.
    let row = connection.uninterruptibly { (try? ledgerRow(of: step)) ?? nil }
    let remainder: MigrationFailure.Remainder
    if step.section.mode != .oneTransaction {
      remainder = .statements(
        row?.statementsDone ?? step.done, of: step.section.statements.count)
    } else if case .commitUnknown = fault.cause {
      remainder = .unknown
    } else {
      remainder = .nothing
    }
    return MigrationFailure(
      step: step, statement: fault.statement, cause: fault.cause, remainder: remainder,
      explanation: explanation(of: fault, in: step), inner: inner(of: fault, in: step))
  }
}

extension PostgresError {
  /// True where the cause was a lock or another session, so that another attempt may succeed.
  fileprivate var isWorthAnotherTry: Bool {
    ["55P03", "40P01", "40001"].contains(serverError?.sqlState)
  }
}

extension Duration {
  /// The duration in seconds.
  var seconds: Double {
    Double(components.seconds) + Double(components.attoseconds) / 1e18
  }
}
