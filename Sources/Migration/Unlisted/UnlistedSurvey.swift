internal import Ledger
internal import Digests
internal import Postgres
internal import Layouts
internal import Stores

/// Finds the rows of a store that no ledger lists, and compares their texts with its documents'.
///
/// The server sends ids and SHA-256 of texts, so nothing depends on a collation or a locale. Memory
/// holds some hundred bytes for each such row; a table without any costs one look at its index.
struct UnlistedSurvey {
  /// One row.
  struct Row {
    let id: UUIDValue
    /// The digest of its text; nil where that is null.
    let text: SHA256.Digest?
    /// The document that it was taken over for; nil where the ledger does not list it.
    let own: UUIDValue?
  }

  /// Rows that the ledger does not list, those under documents' ids among them until they are
  /// compared; and rows that were taken over, until their documents are found.
  private(set) var rows: [Row] = []
  /// The texts of the ledger's documents whose rows are there, by the ids of their own.
  private var listed: [UUIDValue: SHA256.Digest?] = [:]
  /// The texts of rows that were taken over, by the ids that their documents have of their own.
  private var adopted: [UUIDValue: SHA256.Digest?] = [:]
  private var isKnown = false
  private let mayBeMore: Bool

  /// Reads what the database has, in the transaction that is open.
  ///
  /// - Parameter schemaVersion: the version of the ledger's schema; 0 where there is none.
  init(
    of name: StoreName, in table: VectorTable, schemaVersion: Int, on connection: Connection
  ) throws {
    mayBeMore = table.hasActiveRowSecurity
    let scope = UnlistedScope(table: table, name: name, schemaVersion: schemaVersion)
    try connection.copyOut(
      """
      SELECT t.id, sha256(convert_to(t.text, 'UTF8')), a.own_id FROM \(table.rows) t
      LEFT JOIN (\(scope.adopted)) a ON a.document_id = t.id
      LEFT JOIN (\(scope.documents)) d ON d.document_id = t.id
      WHERE \(scope.ownRows) AND (d.document_id IS NULL OR a.own_id IS NOT NULL)
      """
    ) { row in
      guard let id = UUIDValue(bytes: try row.required()) else { return }
      let text = try row.next().flatMap { SHA256.Digest(Array($0)) }
      let own = try row.next().flatMap { UUIDValue(bytes: $0) }
      if let own { adopted[own] = .some(text) }
      rows.append(Row(id: id, text: text, own: own))
    }
    guard schemaVersion > 0, !rows.isEmpty else { return }
    try connection.copyOut(scope.listedDocuments) { row in
      guard let id = UUIDValue(bytes: try row.required()) else { return }
      listed[id] = .some(try row.next().flatMap { SHA256.Digest(Array($0)) })
    }
    isKnown = try !listed.isEmpty || scope.isFormer(on: connection)
  }

  /// Compares the rows with all documents of a store; rows under documents' ids are left out then.
  mutating func compare(
    with reader: StoreReader, choice: UnlistedRows.Choice, isInterrupted: () -> Bool
  ) throws -> UnlistedRows {
    var found = UnlistedRows(choice: choice, isKnown: isKnown, mayBeMore: mayBeMore)
    guard !rows.isEmpty else { return found }
    let ids = Set(rows.lazy.filter { $0.own == nil }.map(\.id))
    var met: Set<UUIDValue> = []
    var texts: Set<SHA256.Digest> = []
    var new: [SHA256.Digest: Int] = [:]
    var known: [SHA256.Digest: Int] = [:]
    let digester = try TextDigester()
    var identity = DocumentIdentity(of: reader.store.name)
    try reader.forEachBatch(isInterrupted: isInterrupted) { batch in
      for document in batch.documents {
        let text = try digester.digest(of: document.text)
        texts.insert(text)
        let next = try document.nextID(&identity)
        let isKnownByText = next.map { listed[$0] != nil } ?? true
        if ids.contains(document.id) || stands(document, text: isKnownByText ? text : nil) {
          met.insert(document.id)
        } else {
          new[text, default: 0] += 1
          if isKnownByText { known[text, default: 0] += 1 }
        }
      }
    }
    rows.removeAll { met.contains($0.own ?? $0.id) }
    // Rows that were taken over follow their texts.
    rows.removeAll { row in
      guard row.own != nil, let text = row.text, let left = known[text], left > 0 else {
        return false
      }
      known[text] = left - 1
      new[text] = (new[text] ?? 1) - 1
      return true
    }
    // A document whose row goes with its old place has had one: what repeats it is not new.
    for (own, stored) in listed where adopted[own] == nil && !met.contains(own) {
      if let text = stored, let left = new[text], left > 0 { new[text] = left - 1 }
    }
    found.count = rows.count
    for row in rows {
      guard let text = row.text, texts.contains(text) else { continue }
      found.equal += 1
      if let left = new[text], left > 0 {
        new[text] = left - 1
        found.doubled += 1
      }
    }
    return found
  }

  /// True where a row that the ledger lists is a document's: by the id, and where that is not the
  /// document's own, by the text.
  private func stands(_ document: Document, text: SHA256.Digest?) -> Bool {
    guard let stored = listed[document.id] ?? adopted[document.id] else { return false }
    return text == nil || stored == text
  }
}

/// Which rows are a store's, and which of them the ledger lists, in SQL.
struct UnlistedScope {
  let table: VectorTable
  let name: StoreName
  let schemaVersion: Int

  /// Adoptions are known from this version of the ledger's schema on.
  private static let firstVersion = 7

  /// True for rows `t` of the user's collection.
  var ownRows: SQL {
    """
    t.user_id OPERATOR(pg_catalog.=) \(Literal(name.user))::pg_catalog.text
    AND t.collection_name OPERATOR(pg_catalog.=) \(Literal(name.collection))::pg_catalog.text
    """
  }

  /// True for the store's entry `s` of the ledger.
  private var ownStore: SQL {
    """
    s.table_name = \(Literal(table.catalogueName)) AND s.user_id = \(Literal(name.user))
    AND s.collection_name = \(Literal(name.collection))
    """
  }

  /// The rows that the ledger lists for the store.
  var documents: SQL {
    guard schemaVersion > 0 else { return "SELECT NULL::uuid AS document_id WHERE false" }
    return """
      SELECT d.document_id FROM vector_ferry.documents d
      JOIN vector_ferry.stores s ON s.id = d.store_id WHERE \(ownStore)
      """
  }

  /// The rows that the store has taken over, each with its document's own id.
  var adopted: SQL {
    guard schemaVersion >= Self.firstVersion else {
      return "SELECT NULL::uuid AS document_id, NULL::uuid AS own_id WHERE false"
    }
    return """
      SELECT a.document_id, a.own_id FROM vector_ferry.adoptions a
      JOIN vector_ferry.stores s ON s.id = a.store_id WHERE \(ownStore)
      """
  }

  /// The ids that the documents of the ledger have of their own, and the digests of the texts of
  /// their rows, where those are there.
  var listedDocuments: SQL {
    """
    SELECT coalesce(a.own_id, d.document_id), sha256(convert_to(t.text, 'UTF8'))
    FROM (\(documents)) d
    JOIN \(table.rows) t ON t.id = d.document_id
    LEFT JOIN (\(adopted)) a ON a.document_id = d.document_id
    WHERE \(ownRows)
    """
  }

  /// True where a rollback has taken the store out of the ledger.
  func isFormer(on connection: Connection) throws(PostgresError) -> Bool {
    guard schemaVersion >= Self.firstVersion else { return false }
    return try connection.scalar(
      "SELECT EXISTS (SELECT FROM vector_ferry.former_stores s WHERE \(ownStore))") == true
  }

  /// How many rows that are not listed have the text of one that is, and how many of those are not
  /// known to stand alongside the store.
  func doubles(ofStore store: Int, on connection: Connection) throws(PostgresError) -> (
    all: Int, added: Int
  ) {
    let counts = try connection.query(
      """
      SELECT count(*), count(*) FILTER (WHERE b.document_id IS NULL) FROM \(table.rows) t
      LEFT JOIN vector_ferry.alongside b ON b.store_id = \(store) AND b.document_id = t.id
      WHERE \(ownRows) AND NOT EXISTS (SELECT FROM (\(documents)) d WHERE d.document_id = t.id)
        AND sha256(convert_to(t.text, 'UTF8')) IN (
          SELECT sha256(convert_to(l.text, 'UTF8'))
          FROM (\(documents)) d JOIN \(table.rows) l ON l.id = d.document_id)
      """)
    return (try counts.value(0, 0), try counts.value(0, 1))
  }

  /// True where a row that is not listed repeats a listed one, in text and metadata: what `--adopt`
  /// takes over of a store that has not changed.
  func hasDoubles(on connection: Connection) throws(PostgresError) -> Bool {
    try connection.scalar(
      """
      WITH unlisted AS (
        SELECT sha256(convert_to(t.text, 'UTF8')) AS digest, t.metadata FROM \(table.rows) t
        WHERE \(ownRows) AND NOT EXISTS (
          SELECT FROM (\(documents)) d WHERE d.document_id = t.id)
      ), own AS (
        SELECT sha256(convert_to(t.text, 'UTF8')) AS digest, t.metadata
        FROM (\(documents)) d JOIN \(table.rows) t ON t.id = d.document_id
        WHERE \(ownRows) AND EXISTS (SELECT FROM unlisted)
          AND NOT EXISTS (SELECT FROM (\(adopted)) a WHERE a.document_id = t.id)
      )
      SELECT EXISTS (SELECT FROM unlisted JOIN own USING (digest, metadata))
      """) == true
  }
}

/// SHA-256 of texts as they are sent.
struct TextDigester {
  private let hash: SHA256

  init() throws { hash = try SHA256() }

  func digest(of text: String) throws -> SHA256.Digest {
    var text = text
    try text.withUTF8 { try hash.update(UnsafeRawBufferPointer($0)) }
    return try hash.finish()
  }
}

extension StoreReader {
  /// Lends all documents from the first on, some at a time, and goes back to the first.
  func forEachBatch(isInterrupted: () -> Bool, _ body: (DocumentBatch) throws -> Void) throws {
    var batch = DocumentBatch()
    rewind()
    while try next(&batch, limit: BatchSize.documents) {
      if isInterrupted() { throw Failure(.interrupted, "interrupted") }
      try body(batch)
    }
    rewind()
  }
}
