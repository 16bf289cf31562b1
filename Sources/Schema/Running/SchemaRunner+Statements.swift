internal import MigrationFiles
internal import SQLText
internal import Postgres

extension SchemaRunner {
  /// Runs a migration whose statements are not one transaction.
  ///
  /// The ledger counts what is done; where a statement can be in a transaction, count and statement
  /// commit together, so that a run that is killed leaves no doubt.
  func runStatementwise(_ step: SchemaPlan.Step, row: LedgerRow?, batch: Int) throws {
    let start = ContinuousClock.now
    let statements = step.section.statements
    let state: LedgerRow.State = step.isUp ? .applying : .reverting
    let isResumed = row?.state == state
    var done = isResumed ? row?.statementsDone ?? 0 : 0
    try note(nil) { try open(step, batch: row?.batch ?? batch, done: done, isResumed: isResumed) }
    try repeatSettings(of: statements.prefix(done))
    let ends = step.section.unitEnds
    for (index, statement) in statements.enumerated().dropFirst(done) {
      losses?.prepare(for: step, statement: index, ends: ends)
      observe(.statement(statement, number: index + 1, of: statements.count))
      let isInDoubt = isResumed && row?.inDoubt == index + 1
      try run(statement, number: index + 1, of: step, isInDoubt: isInDoubt)
    }
    done = statements.count
    // A transaction that the file has left open ends with ours.
    if connection.isInTransaction { try note(nil) { try checkLosses(of: step) } }
    try session.restore()
    try note(nil) {
      try inTransaction {
        try takeOver()
        try conclude(step, batch: row?.batch ?? batch, since: start)
      }
    }
  }

  /// Makes the row that counts, or takes up the one that an earlier run has left.
  private func open(_ step: SchemaPlan.Step, batch: Int, done: Int, isResumed: Bool) throws {
    if step.isUp, let migration = step.migration {
      try ledger.record(migration, set: set.name, batch: batch, state: .applying, done: done)
    } else if !isResumed {
      try ledger.beginReverting(
        step.version, set: set.name, statements: step.section.statements.count)
    }
  }

  /// A new session does not know what the earlier one has set.
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
      // The count commits with what it counts.
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

  /// True for a DO or CALL that a trial has carried out in a transaction: it can be looked at there.
  private func isKnown(_ form: StatementForm, of step: SchemaPlan.Step) -> Bool {
    guard let losses, form == .procedure else { return false }
    return !losses.allowsEverything(of: step)
  }

  /// Looks at what has gone with a statement that committed by itself.
  private func checkBehind(of step: SchemaPlan.Step, isProcedure: Bool) throws {
    guard let losses else { return }
    let found = try losses.checkBehind(of: step, isProcedure: isProcedure)
    if !found.isEmpty { observe(.lost(step, found)) }
  }

  /// True in a transaction that can hold no count; it commits nothing that would need one.
  private func isReadOnly() throws(PostgresError) -> Bool {
    try connection.scalar("SELECT current_setting('transaction_read_only') = 'on'") ?? false
  }

  /// Statement and count in one transaction; alone where the server takes the statement only so.
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
      // REINDEX of a partitioned table and the like: whether it is one only the server knows.
      try losses?.checkAlone(statement, of: step)
      try send(statement)
      try advance(step, to: number)
      try checkBehind(of: step, isProcedure: false)
    }
  }

  /// A statement that the server takes outside of transactions only.
  ///
  /// - Parameter isInDoubt: an earlier run may have carried it out without being able to say so.
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
          statement.codesOfDone.contains(code)
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
  /// What the server says where the database, tablespace or subscription is made or dropped already.
  fileprivate var codesOfDone: [String] {
    if begins(with: "CREATE") { return ["42P04", "42710"] }
    return begins(with: "DROP") ? ["3D000", "42704"] : []
  }
}

extension Sequence<SQLStatement> {
  /// Those that have set something for the session, transactions that were rolled back left out.
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
