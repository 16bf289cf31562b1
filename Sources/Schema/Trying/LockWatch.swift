internal import SQLText
internal import Postgres

/// Reports the locks that each statement takes, and the tables that it rewrites.
struct LockWatch {
  private let observer: StatementObserver
  private let start: StatementObserver.Facts
  private var known: Set<StatementObserver.HeldLock>

  /// Reads the tables and locks that exist before the first statement.
  init(_ connection: Connection, isProduction: Bool) throws {
    observer = StatementObserver(connection: connection, isProduction: isProduction)
    known = try StatementObserver.heldLocks(connection)
    start = try observer.facts(of: nil, rows: nil)
  }

  /// Reads the tables and their files, and finds the dangers of a statement, before it is executed.
  func look(before statement: SQLStatement) throws(PostgresError) -> StatementObserver.Facts {
    try observer.facts(of: statement, rows: start.files.mapValues(\.rows))
  }

  /// Returns the report about a statement, after it was executed or left out.
  mutating func entry(
    _ statement: SQLStatement, of step: SchemaPlan.Step, untried: String?,
    since before: StatementObserver.Facts
  ) throws(PostgresError) -> SchemaTrial.Entry {
    if let untried {
      return SchemaTrial.Entry(
        step: step, statement: statement, untried: untried,
        locks: observer.documentedLocks(of: statement), warnings: before.warnings)
    }
    let locks = try StatementObserver.heldLocks(observer.connection)
    defer { known = locks }
    let rewrites = try observer.rewrites(since: before).filter { line in
      start.files.keys.contains { line.contains("table \($0) ") }
    }
    return SchemaTrial.Entry(
      step: step, statement: statement, untried: nil,
      locks: locks.subtracting(known).compactMap { lock in
        start.relations[lock.relation].map { SchemaTrial.Lock(relation: $0, mode: lock.mode) }
      }.sorted { ($0.relation, $0.mode) < ($1.relation, $1.mode) },
      warnings: before.warnings + rewrites)
  }
}
