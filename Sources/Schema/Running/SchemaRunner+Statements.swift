internal import MigrationFiles
internal import SQLText
internal import Postgres

extension SchemaRunner {
  /// Runs a migration whose statements are not all in one transaction.
  ///
  /// The ledger counts the executed statements. A statement that can be in a transaction is
  /// committed together with its count, so that the ledger is correct even if the run is killed.
  ///
  /// - Returns: true where the migration has created objects that are deleted when the session
  ///   ends.
  func runStatementwise(_ step: SchemaPlan.Step, row: LedgerRow?, batch: Int) throws -> Bool {
    let start = ContinuousClock.now
    let statements = step.section.statements
    let state: LedgerRow.State = step.isUp ? .applying : .reverting
    let isResumed = row?.state == state
    var done = isResumed ? row?.statementsDone ?? 0 : 0
    try note(nil) { try open(step, batch: batch, done: done, isResumed: isResumed) }
    try repeatSettings(of: statements.prefix(done))
    let ends = step.section.unitEnds
    for (index, statement) in statements.enumerated().dropFirst(done) {
      losses?.prepare(for: step, statement: index, ends: ends)
      observe(.statement(statement, number: index + 1, of: statements.count))
      let isInDoubt = isResumed && row?.inDoubt == index + 1
      try run(statement, number: index + 1, of: step, isInDoubt: isInDoubt)
    }
    done = statements.count
    // A transaction that the file has left open is committed here.
    if connection.isInTransaction { try note(nil) { try checkLosses(of: step) } }
    try session.restore()
    var mayHaveTemporary = false
    try note(nil) {
      try inTransaction {
        mayHaveTemporary = try takeOver()
        mayHaveTemporary = try conclude(
          step, batch: batch, since: start, mayHaveTemporary: mayHaveTemporary)
      }
    }
    return mayHaveTemporary
  }

  /// Writes the ledger's row for a migration that begins, or continues with the row of an earlier
  /// run.
  private func open(_ step: SchemaPlan.Step, batch: Int, done: Int, isResumed: Bool) throws {
    if step.isUp, let migration = step.migration {
      try ledger.record(migration, set: set.name, batch: batch, state: .applying, done: done)
    } else if !isResumed {
      try ledger.beginReverting(
        step.version, set: set.name, statements: step.section.statements.count)
    }
  }

  /// Executes the SET statements of an earlier run again, because a new session does not have their
  /// settings.
  private func repeatSettings(of statements: ArraySlice<SQLStatement>) throws {
    for statement in statements.lastingSettings {
      try note(statement) { try send(statement) }
    }
  }

  private func run(
    _ statement: SQLStatement, number: Int, of step: SchemaPlan.Step, isInDoubt: Bool
  ) throws {
    let form = statement.form
    switch form {
    case .commit where try connection.isInTransaction && !isReadOnly():
      // The count is committed together with the statement.
      try note(statement) {
        try checkLosses(of: step)
        try takeOver()
        try ledger.advance(step.version, set: set.name, done: number)
        try send(statement)
      }
    case _ where form.isTransactionControl:
      isGuarded = false
      try note(statement) { try send(statement) }
      if !connection.isInTransaction { try advance(step, to: number) }
    case _ where connection.isInTransaction:
      try note(statement) { try sendGuarded(statement) }
    case _ where form.fitsTransaction || statement.part != nil || isKnown(form, of: step):
      try note(statement) { try runCounted(statement, number: number, of: step) }
    default:
      try note(statement) {
        try losses?.checkAlone(statement, of: step)
        try markInDoubt(statement: number, of: step)
        try sendAlone(statement, form: form, isInDoubt: isInDoubt)
      }
      try advance(step, to: number)
      try note(statement) { try checkBehind(of: step, isProcedure: form == .procedure) }
    }
  }

  /// Returns true for a DO or CALL that a trial has executed in a transaction, so that its losses
  /// are known and the run can do the same.
  private func isKnown(_ form: StatementForm, of step: SchemaPlan.Step) -> Bool {
    guard let losses, form == .procedure else { return false }
    return !losses.allowsEverything(of: step)
  }

  /// Checks and reports the losses of a statement that has committed by itself.
  private func checkBehind(of step: SchemaPlan.Step, isProcedure: Bool) throws {
    guard let losses else { return }
    let found = try losses.checkBehind(of: step, isProcedure: isProcedure)
    if !found.isEmpty { observe(.lost(step, found)) }
  }

  /// Returns true where the open transaction is read-only: it cannot write the count, and it has no
  /// changes that must be counted.
  private func isReadOnly() throws(PostgresError) -> Bool {
    try connection.scalar("SELECT current_setting('transaction_read_only') = 'on'") ?? false
  }

  /// Executes a statement and counts it in the same transaction; where the server refuses the
  /// statement in a transaction, executes it alone.
  private func runCounted(_ statement: SQLStatement, number: Int, of step: SchemaPlan.Step) throws {
    var isSent = false
    do {
      try inTransaction {
        try sendGuarded(statement)
        try checkLosses(of: step)
        isSent = true
        try takeOver()
        try ledger.advance(step.version, set: set.name, done: number)
      }
    } catch let error as PostgresError
      where !isSent && error.serverError?.sqlState == "25001" && !connection.isInTransaction
    {
      // Only the server knows whether a REINDEX, for example, is one of a partitioned table.
      try losses?.checkAlone(statement, of: step)
      try send(statement)
      try advance(step, to: number)
      try checkBehind(of: step, isProcedure: false)
    }
  }

  /// Sends a statement that the server accepts only outside of transactions.
  ///
  /// - Parameter isInDoubt: true where an earlier run may have executed the statement without
  ///   counting it.
  private func sendAlone(_ statement: SQLStatement, form: StatementForm, isInDoubt: Bool) throws {
    switch form {
    case .buildIndex(let index): try build(index, by: statement, isInDoubt: isInDoubt)
    case .dropIndex(let names) where isInDoubt:
      if try names.contains(where: { name throws(PostgresError) in try exists(name) }) {
        try send(statement)
      } else {
        observe(.foundDone(statement))
      }
    case .reindex(let target, let isIndex):
      try removeLeftovers(of: target, isIndex: isIndex)
      try send(statement)
    case .detach(let parent, let partition):
      try finishDetaching(partition, from: parent, by: statement, isInDoubt: isInDoubt)
    default:
      do {
        try send(statement)
      } catch let error as PostgresError {
        guard isInDoubt, let code = error.serverError?.sqlState,
          statement.alreadyDoneCodes.contains(code)
        else { throw error }
        observe(.foundDone(statement))
      }
    }
  }

  func exists(_ name: String) throws(PostgresError) -> Bool {
    try connection.fullName(asWritten: name) != nil
  }
}

extension SQLStatement {
  /// The server's error codes for a database, tablespace or subscription that exists already, or
  /// that was dropped already.
  fileprivate var alreadyDoneCodes: [String] {
    if begins(with: "CREATE") { return ["42P04", "42710"] }
    return begins(with: "DROP") ? ["3D000", "42704"] : []
  }
}

extension Sequence<SQLStatement> {
  /// The statements that have set something for the whole session; statements in transactions that
  /// were rolled back are left out.
  var lastingSettings: [SQLStatement] {
    var lasting: [SQLStatement] = []
    var open: [SQLStatement]?
    for statement in self {
      switch statement.form {
      case .begin: open = open ?? []
      case .commit:
        lasting += open ?? []
        open = nil
      case .rollback: open = nil
      case .setting:
        if open == nil { lasting.append(statement) } else { open?.append(statement) }
      default: break
      }
    }
    return lasting
  }
}
