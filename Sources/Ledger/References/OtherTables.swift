package import Layouts
package import Postgres

/// Detects rows of other tables that triggers and rules of the application delete while a store is
/// written.
///
/// The server's own counters of the transaction show how many rows of each table were deleted. In
/// tables that foreign keys reach, `ReferenceGuard` checks the deleted rows, statement by
/// statement; this type only checks there whether a whole table was emptied.
package struct OtherTables {
  private let connection: Connection
  private let table: VectorTable
  private let allowed: [String]
  private let removals: RowRemovals

  /// Starts counting deleted rows in the open transaction.
  ///
  /// - Parameter allowed: the tables whose rows may be deleted, as the operator has named them.
  package init(beside table: VectorTable, allowed: [String], on connection: Connection) throws {
    var answers = QueryAnswers(try connection.query(each: Self.questions))
    try self.init(beside: table, allowed: allowed, &answers, on: connection)
  }

  /// Starts counting deleted rows from the answers to `questions`, which were asked in the open
  /// transaction.
  package init(
    beside table: VectorTable, allowed: [String], _ answers: inout QueryAnswers,
    on connection: Connection
  ) throws {
    self.connection = connection
    self.table = table
    self.allowed = allowed
    removals = try RowRemovals(&answers, on: connection)
  }

  /// The queries that must be asked before counting starts.
  package static var questions: [SQL] { RowRemovals.questions }

  /// The query whose answer `check` takes.
  package static var question: SQL { RowRemovals.question }

  /// Refuses to commit where rows were deleted without permission; returns the deletions that were
  /// permitted.
  package func check() throws -> [ReferringRows] {
    try check(try connection.query(Self.question))
  }

  /// Refuses to commit where rows were deleted without permission, according to the answer to
  /// `question` after all writes; returns the deletions that were permitted.
  package func check(_ now: QueryResult) throws -> [ReferringRows] {
    // Most transactions delete nothing elsewhere: the catalogue is not read for these.
    guard try !removals.rows(except: [], now: now).isEmpty else { return [] }
    let references = try References(to: table, on: connection)
    let counted = Set(references.reached(by: .deletion).values)
      .union(references.reached(by: .update).values)
    let lost = try removals.rows(except: references.documentTables, now: now)
      .filter { $0.isRewritten || !counted.contains($0.table) }
    let refused = try lost.filter { try !references.isAllowed($0.table, by: allowed) }
    guard !refused.isEmpty else { return lost }
    let triggers = try table.triggers(on: connection)
    let options = refused.map { "--allow-loss \(References.word($0.table))" }
    let whose = triggers.isEmpty ? "" : " (of this table: \(triggers.joined(separator: ", ")))"
    throw Failure(
      .database,
      "rows of other tables would be deleted by triggers or rules of the application: "
        + refused.map(\.description).joined(separator: "; "),
      remedy: "nothing of this store was changed; look at the triggers and rules\(whose); "
        + "to allow the deletions, add \(options.joined(separator: " "))")
  }
}
