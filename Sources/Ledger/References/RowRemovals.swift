package import Postgres

/// The rows that a transaction deletes from all tables, no matter which statement or trigger
/// deletes them: their number, as the server counts it, and the tables that lose all rows at once.
///
/// The server counts no rows for TRUNCATE and DROP, but afterwards the table has another file, or
/// does not exist. A table that another session has emptied or dropped does not count: only the
/// session that did this holds the strongest lock on the table.
package struct RowRemovals {
  private let connection: Connection
  private let before: [Int: State]

  /// The state of a table or a partition, by the catalogue and the server's counters.
  private struct State {
    /// The object id of the table; a partition has the id of its partitioned table.
    let whole: Int
    let name: QualifiedName
    let file: Int
    let deleted: Int
  }

  /// Starts counting deleted rows in the open transaction.
  package init(on connection: Connection) throws {
    var answers = QueryAnswers(try connection.query(each: Self.questions))
    try self.init(&answers, on: connection)
  }

  /// Starts counting deleted rows from the answers to `questions`, which were asked in the open
  /// transaction.
  package init(_ answers: inout QueryAnswers, on connection: Connection) throws {
    try Self.refuseBlinding(try answers.next())
    self.connection = connection
    before = try Self.states(try answers.next())
  }

  /// The queries that must be asked before counting starts.
  package static var questions: [SQL] { [ReferenceQueries.functionThatHidesCounts, question] }

  /// The query for the state of all tables; `rows` takes the answer.
  package static var question: SQL { ReferenceQueries.tables }

  /// Returns the rows that were deleted since counting started, except from the tables with these
  /// object ids; this program's own schema and temporary tables are not counted.
  package func rows(except tables: Set<Int>) throws(PostgresError) -> [ReferringRows] {
    try rows(except: tables, now: try connection.query(Self.question))
  }

  /// Returns the rows that were deleted between the start of counting and this answer to
  /// `question`.
  package func rows(except tables: Set<Int>, now answer: QueryResult) throws(PostgresError)
    -> [ReferringRows]
  {
    let now = try Self.states(answer)
    var lost: [Int: ReferringRows] = [:]
    func name(_ state: State) -> QualifiedName {
      (before[state.whole] ?? now[state.whole] ?? state).name
    }
    let changed = before.filter { now[$0.key]?.file != $0.value.file }
    let locked = changed.isEmpty ? [] : try lockedTables()
    for (oid, earlier) in changed where locked.contains(oid) {
      lost[earlier.whole] = ReferringRows(table: name(earlier), isRewritten: true)
    }
    for (oid, state) in now where lost[state.whole]?.isRewritten != true {
      let rows = state.deleted - (before[oid]?.deleted ?? 0)
      guard rows > 0 else { continue }
      let counted = lost[state.whole]?.deleted ?? 0
      lost[state.whole] = ReferringRows(table: name(state), deleted: counted + rows, changed: 0)
    }
    return lost.filter { !tables.contains($0.key) }.values
      .sorted { $0.table.quoted < $1.table.quoted }
  }

  /// Throws where triggers or rules have deleted rows while this program wrote to a table without
  /// deleting any.
  ///
  /// - Parameter table: the table that was written to.
  package func refuseAny(writingTo table: String, remedy: String) throws {
    try connection.fireDeferred()
    let lost = try rows(except: [])
    guard !lost.isEmpty else { return }
    throw Failure(
      .database,
      "triggers or rules of \(table) delete rows when it is written to: "
        + lost.map(\.description).joined(separator: "; "),
      remedy: "nothing of this batch was kept; change the triggers or rules so that they delete no "
        + "rows, or disable them while this command runs (ALTER TABLE … DISABLE TRIGGER …); "
        + "\(remedy)"
    )
  }

  /// Returns the tables on which this transaction holds the strongest lock, as it does after it has
  /// emptied, rewritten or dropped a table.
  private func lockedTables() throws(PostgresError) -> Set<Int> {
    let rows = try connection.query(
      """
      SELECT relation::int8 FROM pg_locks
      WHERE pid = pg_backend_pid() AND locktype = 'relation' AND mode = 'AccessExclusiveLock'
      """)
    return Set(try rows.map { (row) throws(PostgresError) in try rows.value(row, 0) })
  }

  /// Refuses a trigger whose function, or a function that it calls, mentions the setting by which
  /// the server counts: rows that are deleted while this setting is off are not counted.
  private static func refuseBlinding(_ answer: QueryResult) throws {
    guard answer.rowCount > 0 else { return }
    let function: String = try answer.value(0, 0)
    throw Failure(
      .preflight,
      "a trigger calls \(function), which mentions track_counts: where it switches the setting off, "
        + "the server does not count which rows are deleted",
      remedy: "remove the mention from the function, or disable the trigger while this command runs"
    )
  }

  /// Reads the state of every table and partition; the keys are object ids.
  ///
  /// The list is read twice for each store, also where there are ten thousand tables: hence no
  /// look-ups for each table, except for partitions.
  private static func states(_ rows: QueryResult) throws(PostgresError) -> [Int: State] {
    var states: [Int: State] = [:]
    for row in 0..<rows.rowCount {
      states[try rows.value(row, 0)] = State(
        whole: try rows.value(row, 1),
        name: QualifiedName(
          schema: Identifier(try rows.value(row, 2)), Identifier(try rows.value(row, 3))),
        file: try rows.value(row, 4), deleted: try rows.value(row, 5))
    }
    return states
  }
}
