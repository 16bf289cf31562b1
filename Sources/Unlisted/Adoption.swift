package import Digests
package import Layouts
internal import Ledger
package import Machine
package import Postgres
package import Stores

/// Pairs of a store's documents and rows that hold these documents under other ids, because this
/// run or an earlier run has adopted the rows.
///
/// The pairs are in a temporary table, so that the memory does not grow with the number of pairs. A
/// row belongs to one document, and a document has one row.
package struct Adoption {
  let connection: Connection
  let table: VectorTable
  let name: StoreName

  package static let pairs = QualifiedName(schema: "pg_temp", "vector_ferry_pairs")
  private static let freed = QualifiedName(schema: "pg_temp", "vector_ferry_freed")
  private static let sources = QualifiedName(schema: "pg_temp", "vector_ferry_sources")
  private static let candidates = QualifiedName(schema: "pg_temp", "vector_ferry_candidates")

  /// Creates an empty set of pairs in the open transaction.
  package init(connection: Connection, table: VectorTable, name: StoreName) throws {
    self.connection = connection
    self.table = table
    self.name = name
    try connection.query(
      """
      CREATE TEMPORARY TABLE vector_ferry_pairs (
        own_id uuid PRIMARY KEY, row_id uuid NOT NULL UNIQUE, is_new boolean NOT NULL) ON COMMIT DROP
      """)
  }

  /// Adds the pairs of rows that a store of the ledger has adopted and that still exist.
  ///
  /// - Parameter run: a run whose adoptions are left out.
  package func addEarlier(fromStore store: Int, leavingOut run: RunID? = nil) throws {
    let others: SQL = run.map { "AND a.run_id <> \($0.uuid)" } ?? ""
    try connection.query(
      AdoptionQueries.addEarlier(rows: table.rows, ownRows: ownRows, store: store, others: others))
  }

  /// Removes pairs whose documents are no longer in the files or have another text there, and pairs
  /// the rows again by their texts.
  ///
  /// Returns the ids of the rows that stay without a document.
  ///
  /// A row is paired again only with a document that only its text identifies: when such documents
  /// change their positions in the files, the row follows its text.
  package func follow(_ reader: StoreReader, store: Int?, isInterrupted: () -> Bool) throws
    -> [UUIDValue]
  {
    try FileDocuments(connection: connection, table: table, name: name)
      .stage(reader, isInterrupted: isInterrupted)
    let digest: SQL = "sha256(convert_to(t.text, 'UTF8'))"
    let freed = try connection.query(
      AdoptionQueries.freeRows(digest: digest, rows: table.rows, isOther: FileDocuments.isOther)
    ).affectedRows
    guard freed > 0 else { return [] }
    try connection.query("DELETE FROM \(Self.pairs) p USING \(Self.freed) f WHERE p.row_id = f.id")
    // Each document must have only one row in the ledger, even while rows exchange their documents.
    try connection.query(
      """
      UPDATE vector_ferry.adoptions a SET own_id = a.document_id FROM \(Self.freed) f
      WHERE a.store_id = \(store) AND a.document_id = f.id
      """)
    try connection.query(
      AdoptionQueries.pairFreed(
        isKnownByText: FileDocuments.isKnownByText, rows: table.rows, ownRows: ownRows,
        digest: digest))
    try connection.query("ANALYZE \(Self.pairs)")
    var left: [UUIDValue] = []
    try connection.copyOut(
      """
      SELECT f.id FROM \(Self.freed) f
      WHERE NOT EXISTS (SELECT FROM \(Self.pairs) p WHERE p.row_id = f.id)
      """
    ) { row in
      if let id = UUIDValue(bytes: try row.required()) { left.append(id) }
    }
    return left
  }

  /// Deletes the records of adopted rows that no longer exist; throws where row-level security may
  /// only hide them.
  package func forgetGone(ofStore store: Int) throws {
    let gone: SQL = """
      a.store_id = \(store) AND NOT EXISTS (
        SELECT FROM \(table.rows) t WHERE t.id = a.document_id AND \(ownRows))
      """
    if table.hasActiveRowSecurity {
      let hidden: Int =
        try connection.scalar("SELECT count(*) FROM vector_ferry.adoptions a WHERE \(gone)") ?? 0
      guard hidden == 0 else {
        throw Failure(
          .database,
          "\(hidden) rows that the run has taken over are not visible: row-level security hides "
            + "them from this role, or they were deleted",
          remedy: "run as the table's owner or as a role with BYPASSRLS")
      }
    }
    try connection.query("DELETE FROM vector_ferry.adoptions a WHERE \(gone)")
  }

  /// Pairs documents with rows that the ledger does not list and whose text is the same, byte for
  /// byte.
  ///
  /// Rows with the same metadata and time come first, then rows with the same metadata, then with
  /// the same time, then all other rows; among equal rows, the oldest comes first. A document that
  /// has its own row is paired only with a row that also has the same metadata, because two
  /// documents may well have the same text.
  package func pair(
    _ reader: StoreReader, with rows: [UnlistedSurvey.Row], store: Int?,
    isInterrupted: () -> Bool
  ) throws {
    try stage(rows)
    try stage(reader, isInterrupted: isInterrupted)
    // A row whose document is no longer in the files can be paired with another document.
    try connection.query(
      """
      DELETE FROM \(Self.pairs) p
      WHERE NOT EXISTS (SELECT FROM \(Self.sources) s WHERE s.own_id = p.own_id)
      """)
    try connection.query(
      """
      UPDATE \(Self.sources) s SET has_own = true FROM vector_ferry.documents d
      JOIN \(table.rows) t ON t.id = d.document_id AND \(ownRows)
      WHERE d.store_id = \(store) AND d.document_id = s.own_id
      """)
    // A row with a document's id that the ledger does not list belongs to that document, no matter
    // who wrote it.
    try connection.query(AdoptionQueries.settle(rows: table.rows, ownRows: ownRows))
    try connection.query("ANALYZE \(Self.sources)")
    try connection.query("ANALYZE \(Self.candidates)")
    try pair(by: ["digest", "metadata", "created_at"])
    try pair(by: ["digest", "metadata"])
    try pair(by: ["digest", "created_at"], onlyNew: true)
    try pair(by: ["digest"], onlyNew: true)
    try connection.query("ANALYZE \(Self.pairs)")
  }

  private func stage(_ rows: [UnlistedSurvey.Row]) throws {
    try connection.query(
      "CREATE TEMPORARY TABLE vector_ferry_unlisted (id uuid NOT NULL) ON COMMIT DROP")
    try connection.copyIn(
      QualifiedName(schema: "pg_temp", "vector_ferry_unlisted"), columns: ["id"]
    ) { writer in
      for row in rows {
        try writer.beginRow()
        writer.bytes(row.id.bytes)
      }
    }
    try connection.query("ANALYZE pg_temp.vector_ferry_unlisted")
    try connection.query(
      """
      CREATE TEMPORARY TABLE vector_ferry_candidates ON COMMIT DROP AS
      SELECT t.id, sha256(convert_to(t.text, 'UTF8')) AS digest, t.metadata, t.created_at
      FROM \(table.rows) t JOIN pg_temp.vector_ferry_unlisted u ON u.id = t.id
      """)
  }

  private func stage(_ reader: StoreReader, isInterrupted: () -> Bool) throws {
    try connection.query(AdoptionQueries.makeSources)
    let digester = try TextDigester()
    try reader.forEachBatch(isInterrupted: isInterrupted) { batch in
      try connection.copyIn(
        Self.sources, columns: ["own_id", "position", "digest", "metadata", "created_at"]
      ) { writer in
        for document in batch.documents {
          try writer.beginRow()
          writer.bytes(document.id.bytes)
          writer.int64(Int64(document.position))
          writer.bytes(try digester.digest(of: document.text).bytes)
          writer.jsonb(document.metadata)
          if let createdAt = document.createdAt { writer.int64(createdAt) } else { writer.null() }
        }
      }
    }
  }

  /// Pairs documents and rows that have equal values in the columns `keys`: the first document with
  /// the first row, and so on.
  ///
  /// Where `onlyNew` is true, documents that have a row of their own are left out.
  private func pair(by keys: [Identifier], onlyNew: Bool = false) throws {
    let key = SQL.joined(keys.map { "\($0)" }, separator: ", ")
    let new: SQL = onlyNew ? "AND NOT s.has_own" : ""
    try connection.query(AdoptionQueries.pair(key: key, onlyNew: new))
  }

  /// Returns the rows that no document was paired with, after all documents were compared, each
  /// with the reason.
  package func leftOver(ofStore store: Int) throws -> [AdoptionReport.Row] {
    var rows: [AdoptionReport.Row] = []
    try connection.copyOut(AdoptionQueries.alongside(store: store)) { row in
      guard let id = UUIDValue(bytes: try row.required()) else { return }
      let isEqual = try row.required().first == 1
      rows.append(
        .init(
          id: id.description, position: nil,
          action: .notAdopted(isEqual ? .duplicate : .noDocument)))
    }
    return rows
  }

  /// A row that holds a document.
  package struct Pair {
    package let row: UUIDValue
    /// True where this run adopts the row.
    package let isNew: Bool
  }

  /// Returns the rows that hold documents of a batch, by the documents' own ids.
  package func rows(of documents: [Document]) throws -> [UUIDValue: Pair] {
    var found: [UUIDValue: Pair] = [:]
    try connection.copyOut(
      """
      SELECT own_id, row_id, is_new FROM \(Self.pairs)
      WHERE own_id = ANY (\(documents.map(\.id).array))
      """
    ) { row in
      guard let own = UUIDValue(bytes: try row.required()),
        let id = UUIDValue(bytes: try row.required())
      else { return }
      found[own] = Pair(row: id, isNew: try row.required().first == 1)
    }
    return found
  }

  private var ownRows: SQL { UnlistedScope(table: table, name: name, schemaVersion: 0).ownRows }
}

extension Array where Element == UUIDValue {
  /// The ids as a value of PostgreSQL's type uuid[].
  package var array: SQL {
    "\(Literal("{\(map(\.description).joined(separator: ","))}"))::pg_catalog.uuid[]"
  }
}
