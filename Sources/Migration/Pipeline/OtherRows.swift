package import Ledger
package import Postgres
package import Layouts
package import Stores

/// The rows of the table that do not belong to a store, and that the store's transaction must not
/// change.
///
/// The server counts what a transaction does to a table. Where it has counted more than this
/// program's own statements have done, triggers, rules or foreign keys have also written. What they
/// did to the store's own rows is checked elsewhere; what they did to other rows is checked here.
package struct OtherRows {
  private let connection: Connection
  private let table: VectorTable
  private let name: StoreName
  private let before: TableStorage
  private let writtenBefore: WrittenRows

  /// Starts counting what the open transaction does to the table; the transaction must see a single
  /// snapshot and its own changes.
  package init(connection: Connection, table: VectorTable, name: StoreName) throws(PostgresError) {
    let answer = try connection.query(TableStorage.question(about: table))
    try self.init(answer, connection: connection, table: table, name: name)
  }

  /// Starts counting what the open transaction does to the table, from the answer to
  /// `TableStorage.question`, which was asked in this transaction.
  package init(
    _ answer: QueryResult, connection: Connection, table: VectorTable, name: StoreName
  ) throws(PostgresError) {
    self.connection = connection
    self.table = table
    self.name = name
    before = try TableStorage(answer)
    writtenBefore = connection.writtenRows
  }

  /// Refuses to commit where rows of other stores were changed, added or deleted.
  ///
  /// - Parameter losses: the numbers of rows of the table that foreign keys have deleted or changed
  ///   with the operator's permission.
  package func check(_ kind: Failure.Kind, allowing losses: (deleted: Int, changed: Int) = (0, 0))
    throws
  {
    let now = try connection.query(TableStorage.question(about: table))
    try check(kind, allowing: losses, now: now)
  }

  /// Refuses to commit where rows of other stores were changed, added or deleted; compares with the
  /// answer to `TableStorage.question` that was read after all writes.
  package func check(
    _ kind: Failure.Kind, allowing losses: (deleted: Int, changed: Int) = (0, 0),
    now answer: QueryResult
  ) throws {
    let now = try TableStorage(answer)
    guard !now.isOther(than: before) else {
      throw Failure(
        kind, "the table was emptied or rewritten (TRUNCATE) while the store was being written",
        remedy: "nothing of this store was changed; look for triggers that do so, and run again")
    }
    let counted = now.written - before.written
    let written = connection.writtenRows - writtenBefore
    let isCounted = before.isCounting && now.isCounting
    if isCounted, counted == written { return }
    let triggers = try table.triggers(on: connection)
    if !isCounted, triggers.isEmpty { return }
    let gone = isCounted ? max(0, counted.deleted - written.deleted - losses.deleted) : 0
    let changed = max(0, try foreignVersions() - losses.changed)
    guard gone > 0 || changed > 0 else { return }
    let parts = [
      gone > 0 ? "\(gone) deleted" : nil, changed > 0 ? "\(changed) added or changed" : nil,
    ].compactMap(\.self).joined(separator: ", ")
    throw Failure(
      kind,
      "rows of the table that are not of this store, or that this run does not write, would "
        + "change: \(parts)",
      remedy:
        "nothing of this store was changed; the cause is a trigger, a rule or a foreign key of "
        + "the table: make it leave other rows alone, or disable it while the command runs"
        + (triggers.isEmpty ? "" : ": \(triggers.joined(separator: ", "))"))
  }

  /// Counts rows written by this transaction that this program cannot have written: rows of other
  /// users and collections, and rows of the store beyond those that this program has written.
  ///
  /// A function that catches errors writes under a transaction number of its own, which is higher
  /// than that of the transaction. Rows that other sessions write under such numbers are not
  /// visible yet. Transaction numbers wrap around, and very old rows may have the same numbers: so
  /// only a narrow range of numbers counts.
  private func foreignVersions() throws(PostgresError) -> Int {
    let rows = try connection.query(
      StoreLoadQueries.recentRows(user: name.user, collection: name.collection, rows: table.rows))
    let foreign: Int = try rows.value(0, 0)
    let own: Int = try rows.value(0, 1)
    let written = connection.writtenRows
    return foreign + max(0, own - written.inserted - written.updated)
  }
}
