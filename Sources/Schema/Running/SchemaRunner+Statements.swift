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
    for (index, statement) in statements.enumerated().dropFirst(done) {
      observe(.statement(statement, number: index + 1, of: statements.count))
      let isInDoubt = isResumed && index == done
      try run(statement, number: index + 1, of: step, isInDoubt: isInDoubt)
    }
    done = statements.count
    if statements.contains(where: { $0.form == .setting }) { try session.restore() }
    try note(nil) {
      try connection.transaction {
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
    for statement in statements where statement.form == .setting {
      try note(statement) { try send(statement) }
    }
  }

  private func run(
    _ statement: SQLStatement, number: Int, of step: SchemaPlan.Step, isInDoubt: Bool
  ) throws {
    let form = statement.form
    switch form {
    case .commit where connection.isInTransaction:
      // The count commits with what it counts.
      try note(statement) {
        try ledger.advance(step.version, set: set.name, done: number)
        try send(statement)
      }
    case _ where form.isTransactionControl:
      try note(statement) { try send(statement) }
      if !connection.isInTransaction { try advance(step, to: number) }
    case _ where connection.isInTransaction:
      try note(statement) { try send(statement) }
    case _ where form.fitsTransaction || statement.part != nil:
      try note(statement) {
        try connection.transaction {
          try send(statement)
          try ledger.advance(step.version, set: set.name, done: number)
        }
      }
    default:
      try note(statement) { try sendAlone(statement, form: form, isInDoubt: isInDoubt) }
      try advance(step, to: number)
    }
  }

  private func advance(_ step: SchemaPlan.Step, to done: Int) throws {
    try note(nil) { try ledger.advance(step.version, set: set.name, done: done) }
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
    case .detach(let parent, let partition) where isInDoubt:
      try finishDetaching(partition, from: parent, by: statement)
    default:
      do {
        try send(statement)
      } catch let error as PostgresError {
        // The database, tablespace or subscription that is to be made or dropped.
        let settled = ["42P04", "42710", "3D000", "42704"]
        guard isInDoubt, let code = error.serverError?.sqlState, settled.contains(code) else {
          throw error
        }
        observe(.foundDone(statement))
      }
    }
  }

  func exists(_ name: String) throws(PostgresError) -> Bool {
    try connection.scalar("SELECT to_regclass(\(name)) IS NOT NULL") ?? false
  }
}
