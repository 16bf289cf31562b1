internal import Digests
internal import Ledger
internal import Postgres
internal import Schema
internal import Stores

/// The rows of a store that earlier runs have written, and that a load may change or take away.
///
/// Their ids are in a temporary table, so that memory does not grow with them. Rows that were taken
/// over are none of them.
struct OwnRows {
  let connection: Connection
  let table: VectorTable
  let name: StoreName

  static let ids = QualifiedName(schema: "pg_temp", "vector_ferry_own")
  private static let wanted = QualifiedName(schema: "pg_temp", "vector_ferry_wanted")
  private static let gone = QualifiedName(schema: "pg_temp", "vector_ferry_gone")

  /// Notes, in the transaction that is open, the rows that the ledger lists for a store and that are
  /// still there.
  init(ofStore store: Int, connection: Connection, table: VectorTable, name: StoreName) throws {
    self.connection = connection
    self.table = table
    self.name = name
    try connection.query(
      "CREATE TEMPORARY TABLE vector_ferry_own (id uuid PRIMARY KEY) ON COMMIT DROP")
    try connection.query(
      """
      INSERT INTO \(Self.ids) (id)
      SELECT d.document_id FROM vector_ferry.documents d JOIN \(table.name) t ON t.id = d.document_id
      WHERE d.store_id = \(store)
        AND t.user_id = \(name.user) AND t.collection_name = \(name.collection)
        AND NOT EXISTS (
          SELECT FROM vector_ferry.adoptions a
          WHERE a.store_id = d.store_id AND a.document_id = d.document_id)
      """)
    try connection.query("ANALYZE \(Self.ids)")
  }

  /// Deletes those of whose documents the files hold nothing any more; returns how many.
  ///
  /// - Parameter leavesPairs: documents of pairs stand in other rows than their own.
  func removeGone(
    keeping reader: StoreReader, leavesPairs: Bool, references: ReferenceGuard,
    isInterrupted: () -> Bool
  ) throws -> Int {
    try stageWanted(reader, isInterrupted: isInterrupted)
    let pairs: SQL =
      leavesPairs ? "AND NOT EXISTS (SELECT FROM \(Adoption.pairs) p WHERE p.own_id = w.id)" : ""
    try connection.query(
      """
      CREATE TEMPORARY TABLE vector_ferry_gone ON COMMIT DROP AS
      SELECT o.id FROM \(Self.ids) o
      WHERE NOT EXISTS (SELECT FROM \(Self.wanted) w WHERE w.id = o.id \(pairs))
      """)
    let expected: Int = try connection.scalar("SELECT count(*) FROM \(Self.gone)") ?? 0
    guard expected > 0 else { return 0 }
    try connection.query("DELETE FROM \(Self.ids) o USING \(Self.gone) g WHERE o.id = g.id")
    try connection.query("ANALYZE \(Self.gone)")
    let documents = expected == 1 ? "1 document that is" : "\(expected) documents that are"
    let removed = try references.watch(.deletion, of: "\(documents) in the files no more") {
      try connection.asApplication {
        try connection.query(
          """
          DELETE FROM \(table.name) t USING \(Self.gone) g
          WHERE t.id OPERATOR(pg_catalog.=) g.id
            AND t.user_id OPERATOR(pg_catalog.=) \(name.user)
            AND t.collection_name OPERATOR(pg_catalog.=) \(name.collection)
          """
        ).affectedRows
      }
    }
    guard removed == expected else { throw left("the server removed \(removed)", of: expected) }
    return removed
  }

  /// Refuses to commit where a trigger has put such a row back: it would be in no ledger.
  func checkGone() throws {
    guard try connection.scalar("SELECT to_regclass(\(Self.gone.quoted)) IS NOT NULL") == true
    else { return }
    let left: Int? = try connection.scalar(
      """
      SELECT count(*) FROM \(Self.gone) g JOIN \(table.name) t ON t.id = g.id
      WHERE t.user_id = \(name.user) AND t.collection_name = \(name.collection)
      """)
    guard let left, left > 0 else { return }
    throw self.left("are still there", of: left)
  }

  private func left(_ what: String, of rows: Int) -> Failure {
    Failure(
      .database, "\(rows) rows of an earlier run were to go, and \(what)",
      remedy: "nothing of this store was changed; look for triggers, rules or policies on the table"
    )
  }

  private func stageWanted(_ reader: StoreReader, isInterrupted: () -> Bool) throws {
    try connection.query(
      "CREATE TEMPORARY TABLE vector_ferry_wanted (id uuid NOT NULL) ON COMMIT DROP")
    try reader.forEachBatch(isInterrupted: isInterrupted) { batch in
      try connection.copyIn(Self.wanted, columns: ["id"]) { writer in
        for document in batch.documents {
          try writer.beginRow()
          writer.bytes(document.id.bytes)
        }
      }
    }
    try connection.query("ANALYZE \(Self.wanted)")
  }
}
