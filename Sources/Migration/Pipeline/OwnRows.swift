internal import Digests
internal import Ledger
package import Postgres
package import Layouts
package import Stores
internal import Unlisted

/// The rows of a store that earlier runs have written, and that a load may change or delete.
///
/// The ids of these rows are in a temporary table, so that the memory does not grow with the number
/// of rows. Adopted rows are not among these rows.
package struct OwnRows {
  let connection: Connection
  let table: VectorTable
  let name: StoreName

  static let ids = QualifiedName(schema: "pg_temp", "vector_ferry_own")
  private static let gone = QualifiedName(schema: "pg_temp", "vector_ferry_gone")

  /// Collects, in the open transaction, the rows that the ledger lists for a store and that are
  /// still in the table; collects none where `store` is nil.
  package init(ofStore store: Int?, connection: Connection, table: VectorTable, name: StoreName)
    throws
  {
    self.connection = connection
    self.table = table
    self.name = name
    try connection.query(
      "CREATE TEMPORARY TABLE vector_ferry_own (id uuid PRIMARY KEY) ON COMMIT DROP")
    try FileDocuments.noteListed(ofStore: store, on: connection)
    try connection.query(
      StoreLoadQueries.noteOwnRows(
        rows: table.rows, store: store, user: name.user, collection: name.collection))
    try connection.query("ANALYZE \(Self.ids)")
  }

  /// Deletes the rows that have no document in the files any more; returns the number of deleted
  /// rows.
  ///
  /// The function deletes rows whose document is gone, and rows whose id now has another text. Where
  /// documents have no ids of their own, an id with another text belongs to another document: rows
  /// of other tables that refer to the old document must not refer to the new one.
  ///
  /// - Parameters:
  ///   - leavesPairs: true where some documents are in adopted rows; a row under such a document's
  ///     own id is then deleted.
  ///   - force: true where rows that the ledger does not list are also replaced.
  func removeGone(
    keeping reader: StoreReader, leavesPairs: Bool, force: Bool, references: ReferenceGuard,
    isInterrupted: () -> Bool
  ) throws -> Int {
    let documents = FileDocuments(connection: connection, table: table, name: name)
    try documents.stage(reader, isInterrupted: isInterrupted)
    let pairs: SQL =
      leavesPairs ? "AND NOT EXISTS (SELECT FROM \(Adoption.pairs) p WHERE p.own_id = w.id)" : ""
    try connection.query(
      """
      CREATE TEMPORARY TABLE vector_ferry_gone ON COMMIT DROP AS
      SELECT o.id, false AS is_other FROM \(Self.ids) o
      WHERE NOT EXISTS (SELECT FROM \(FileDocuments.all) w WHERE w.id = o.id \(pairs))
      """)
    let mayReplace: SQL =
      force ? "true" : "EXISTS (SELECT FROM \(Self.ids) o WHERE o.id = t.id)"
    let others = try connection.query(
      StoreLoadQueries.noteOtherRows(
        rows: table.rows, user: name.user, collection: name.collection, mayReplace: mayReplace,
        pairs: pairs, isOther: FileDocuments.isOther)
    ).affectedRows
    let expected: Int = try connection.scalar("SELECT count(*) FROM \(Self.gone)") ?? 0
    guard expected > 0 else { return 0 }
    try connection.query("DELETE FROM \(Self.ids) o USING \(Self.gone) g WHERE o.id = g.id")
    try connection.query("ANALYZE \(Self.gone)")
    let removed = try references.watch(.deletion, of: words(expected, others: others)) {
      try connection.asApplication {
        try connection.query(
          """
          DELETE FROM \(table.name) t USING \(Self.gone) g
          WHERE \(table.row.key) OPERATOR(pg_catalog.=) g.id
            AND \(table.row.isOf(name))
          """
        ).affectedRows
      }
    }
    guard removed == expected else { throw left("the server deleted \(removed)", of: expected) }
    if others > 0 { try checkDeferredKeys() }
    return removed
  }

  private func words(_ rows: Int, others: Int) -> String {
    let documents = rows == 1 ? "1 document that is" : "\(rows) documents that are"
    return others == 0
      ? "\(documents) no longer in the files"
      : "\(documents) no longer in the files, or not at the same place (\(others) without an id of "
        + "their own)"
  }

  /// Makes deferred foreign keys check the deletions before rows with the same ids are added: a
  /// check at the end of the transaction would find the new rows instead of the deleted ones, and
  /// pass.
  private func checkDeferredKeys() throws {
    let names = try connection.query(StoreLoadQueries.deferredKeys(table: table.name.quoted))
    guard names.rowCount > 0 else { return }
    let keys = SQL.joined(
      try (0..<names.rowCount).map { row in
        let schema: String = try names.value(row, 0)
        let key: String = try names.value(row, 1)
        return "\(QualifiedName(schema: Identifier(schema), Identifier(key)))"
      }, separator: ", ")
    try connection.asApplication {
      try connection.query("SET CONSTRAINTS \(keys) IMMEDIATE")
      try connection.query("SET CONSTRAINTS \(keys) DEFERRED")
    }
  }

  /// Refuses to commit where a trigger has put a deleted row back, because the ledger would not
  /// list that row.
  func checkGone() throws {
    guard try connection.scalar("SELECT to_regclass(\(Self.gone.quoted)) IS NOT NULL") == true
    else { return }
    let left: Int? = try connection.scalar(
      """
      SELECT count(*) FROM \(Self.gone) g JOIN \(table.rows) t ON t.id = g.id
      WHERE NOT g.is_other AND t.user_id = \(name.user) AND t.collection_name = \(name.collection)
      """)
    guard let left, left > 0 else { return }
    throw self.left("are still there", of: left)
  }

  private func left(_ what: String, of rows: Int) -> Failure {
    Failure(
      .database,
      (rows == 1 ? "1 row" : "\(rows) rows")
        + " of an earlier run should have been deleted, but \(what)",
      remedy: "nothing of this store was changed; look for triggers, rules or policies on the table"
    )
  }
}
