package import Postgres
package import Layouts

/// Detects rows that foreign keys delete or change together with the documents of one store: rows
/// of other tables, and rows of the table itself that refer to other rows of that table.
///
/// The server's own counters of the transaction show how many rows of which table a statement has
/// deleted or changed, through whole chains of foreign keys. What a trigger does in tables that no
/// foreign key reaches is not counted here.
package final class ReferenceGuard {
  private let connection: Connection
  private let table: VectorTable
  /// The tables whose rows may be deleted or changed, as the operator has named them.
  private let allowed: [String]
  private var known: References?
  /// The rows that were deleted or changed with permission.
  package private(set) var losses: [ReferringRows] = []

  package init(of table: VectorTable, allowed: [String], on connection: Connection) {
    self.connection = connection
    self.table = table
    self.allowed = allowed
  }

  /// Runs `body`, and throws where foreign keys delete or change other rows without permission
  /// during this, or could do so without being counted by the server.
  ///
  /// The transaction must not be committed where this function throws.
  ///
  /// - Parameter what: the documents and what is done to them, for the message: `3 documents that
  ///   are deleted`.
  package func watch<Result>(
    _ change: References.Change, of what: String, _ body: () throws -> Result
  )
    throws -> Result
  {
    let references = try known ?? References(to: table, on: connection)
    known = references
    let reached = references.reached(by: change)
    let isOfItself = references.actOnDocuments(change)
    guard !reached.isEmpty || isOfItself else { return try body() }
    guard try isCounting() else {
      let names = Array(reached.values) + (isOfItself ? [table.name] : [])
      let unknown = Set(names).sorted { $0.quoted < $1.quoted }.map { ReferringRows(table: $0) }
      try refuse(unknown, of: what, references)
      unknown.forEach(note)
      return try body()
    }
    let ids = Set(reached.keys)
    let (before, written) = (try counts(of: ids), connection.writtenRows)
    let own = isOfItself ? try count(of: references.documentTables) : (deleted: 0, changed: 0)
    let result = try body()
    let after = try counts(of: ids)
    var lost = reached.map { oid, name in
      let (now, then) = (after[oid] ?? (0, 0), before[oid] ?? (0, 0))
      return ReferringRows(
        table: name, deleted: now.deleted - then.deleted, changed: now.changed - then.changed)
    }
    if isOfItself {
      // What the statements themselves have deleted or changed is no loss.
      let (now, stated) = (
        try count(of: references.documentTables), connection.writtenRows - written
      )
      lost.append(
        ReferringRows(
          table: table.name, deleted: max(0, now.deleted - own.deleted - stated.deleted),
          changed: max(0, now.changed - own.changed - stated.updated)))
    }
    lost = lost.filter { !$0.isNothing }.sorted { $0.table.quoted < $1.table.quoted }
    try refuse(lost, of: what, references)
    lost.forEach(note)
    return result
  }

  /// The numbers of rows of the table itself that were deleted or changed with permission; zero
  /// where they could not be counted.
  package var ownLosses: (deleted: Int, changed: Int) {
    losses.first { $0.table == table.name }?.counts ?? (0, 0)
  }

  private func note(_ rows: ReferringRows) {
    guard let place = losses.firstIndex(where: { $0.table == rows.table }) else {
      return losses.append(rows)
    }
    guard let (deleted, changed) = losses[place].counts, let more = rows.counts else { return }
    losses[place].deleted = deleted + more.deleted
    losses[place].changed = changed + more.changed
  }

  private func isCounting() throws -> Bool {
    try connection.scalar("SELECT current_setting('track_counts') = 'on'") == true
  }

  /// Returns the server's counts for each table; a partitioned table has the sum of its partitions'
  /// counts.
  private func counts(of tables: some Sequence<Int>) throws -> [Int: (deleted: Int, changed: Int)] {
    let list = Literal("{\(tables.map { "\($0)" }.joined(separator: ","))}")
    let rows = try connection.query(ReferenceQueries.changedRows(tables: list))
    var counts: [Int: (deleted: Int, changed: Int)] = [:]
    for row in 0..<rows.rowCount {
      counts[try rows.value(row, 0)] = (try rows.value(row, 1), try rows.value(row, 2))
    }
    return counts
  }

  /// Returns the sum of the server's counts for these tables; partitions are not added.
  private func count(of tables: Set<Int>) throws -> (deleted: Int, changed: Int) {
    let list = Literal("{\(tables.map { "\($0)" }.joined(separator: ","))}")
    let rows = try connection.query(
      """
      SELECT coalesce(sum(pg_stat_get_xact_tuples_deleted(oid)), 0)::int8,
             coalesce(sum(pg_stat_get_xact_tuples_updated(oid)), 0)::int8
      FROM unnest(\(list)::oid[]) AS r (oid)
      """)
    return (try rows.value(0, 0), try rows.value(0, 1))
  }

  private func refuse(_ lost: [ReferringRows], of what: String, _ references: References) throws {
    if let refusal = try refusal(of: lost, with: what, references) { throw refusal }
  }

  /// Returns the reason why documents may not be deleted, judged by the counted rows that would be
  /// deleted or changed with them; nil where all may be deleted.
  package func refusal(ofDeleting documents: Int, losing counted: [ReferringRows]) throws
    -> Failure?
  {
    let references = try known ?? References(to: table, on: connection)
    var lost = counted.filter { $0.counts != nil }
    if try !isCounting() {
      var names = Array(references.reached(by: .deletion).values)
      if references.actOnDocuments(.deletion) { names.append(table.name) }
      lost = Set(names).sorted { $0.quoted < $1.quoted }.map { ReferringRows(table: $0) }
    }
    let what =
      documents == 1 ? "1 document that is deleted" : "\(documents) documents that are deleted"
    return try refusal(of: lost, with: what, references)
  }

  private func refusal(of lost: [ReferringRows], with what: String, _ references: References) throws
    -> Failure?
  {
    let refused = try lost.filter { try !references.isAllowed($0.table, by: allowed) }
    guard !refused.isEmpty else { return nil }
    let isKnown = refused.allSatisfy { $0.counts != nil }
    let rows = refused.map(\.description).joined(separator: "; ")
    let whose =
      switch (refused.contains { $0.table == table.name }, refused.count) {
      case (false, _): "rows of other tables"
      case (true, 1): "rows of the table that should not change"
      case (true, _): "rows of other tables, and rows of the table that should not change,"
      }
    let options = refused.map { "--allow-loss \(References.word($0.table))" }
      .joined(separator: " ")
    return Failure(
      .database,
      "\(whose) \(isKnown ? "would" : "may") be deleted or changed by foreign keys together with "
        + "\(what): \(rows)" + (isKnown ? "" : " (track_counts is off: the server counts nothing)"),
      remedy: "nothing of this store was changed; "
        + (isKnown ? "" : "set track_counts = on; ") + "to allow these losses, add \(options)")
  }
}
