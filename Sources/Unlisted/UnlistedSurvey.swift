package import Digests
package import Layouts
internal import Ledger
package import Postgres
package import Stores

/// Finds the rows of a store's collection that the ledger does not list, and compares their texts
/// with the store's documents.
///
/// The server sends ids and SHA-256 digests of texts, so the comparison does not depend on a
/// collation or a locale. Each unlisted row needs some hundred bytes of memory; where there is no
/// such row, the only cost is one index lookup.
package struct UnlistedSurvey {
  /// A row of the store's collection.
  package struct Row {
    let id: UUIDValue
    /// The digest of the row's text; nil where the text is null.
    let text: SHA256.Digest?
    /// The own id of the document for which the row was adopted; nil where the ledger does not list
    /// the row.
    let own: UUIDValue?

    /// Creates a row of the collection.
    package init(id: UUIDValue, text: SHA256.Digest?, own: UUIDValue?) {
      self.id = id
      self.text = text
      self.own = own
    }
  }

  /// The rows that the ledger does not list, and adopted rows.
  ///
  /// `compare` removes rows that have a document's id, and adopted rows whose documents it finds.
  package private(set) var rows: [Row] = []
  /// The text digests of existing rows that the ledger lists; the keys are the own ids of their
  /// documents.
  private var listed: [UUIDValue: SHA256.Digest?] = [:]
  /// The text digests of adopted rows; the keys are the own ids of their documents.
  private var adopted: [UUIDValue: SHA256.Digest?] = [:]
  private var isKnown = false
  private let mayBeMore: Bool

  /// Reads the rows in the open transaction.
  ///
  /// - Parameter schemaVersion: the version of the ledger's schema; 0 where there is none.
  package init(
    of name: StoreName, in table: VectorTable, schemaVersion: Int, on connection: Connection
  ) throws {
    mayBeMore = table.hasActiveRowSecurity
    let scope = UnlistedScope(table: table, name: name, schemaVersion: schemaVersion)
    try connection.copyOut(
      UnlistedQueries.rows(
        rows: table.rows, adopted: scope.adopted, documents: scope.documents, ownRows: scope.ownRows
      )
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

  /// Compares the rows with all documents of a store, and keeps in `rows` only rows that belong to
  /// no document; returns the findings.
  package mutating func compare(
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
        if ids.contains(document.id) || isListed(document, text: isKnownByText ? text : nil) {
          met.insert(document.id)
        } else {
          new[text, default: 0] += 1
          if isKnownByText { known[text, default: 0] += 1 }
        }
      }
    }
    rows.removeAll { met.contains($0.own ?? $0.id) }
    // The adopted rows that are left are matched to documents by their texts.
    rows.removeAll { row in
      guard row.own != nil, let text = row.text, let left = known[text], left > 0 else {
        return false
      }
      known[text] = left - 1
      new[text] = (new[text] ?? 1) - 1
      return true
    }
    // A document that moved to another position already had a row, which will be deleted: a row
    // with the same text does not double a new document.
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

  /// Returns true where the ledger lists a row with the document's id and, where `text` is given,
  /// also with this text.
  private func isListed(_ document: Document, text: SHA256.Digest?) -> Bool {
    guard let stored = listed[document.id] ?? adopted[document.id] else { return false }
    return text == nil || stored == text
  }
}

/// The SQL that selects rows of a store's collection, and among them the rows that the ledger
/// lists.
package struct UnlistedScope {
  let table: VectorTable
  let name: StoreName
  let schemaVersion: Int

  /// Selects the rows of a store; `schemaVersion` is the version of the ledger's schema, 0 where
  /// there is no ledger.
  package init(table: VectorTable, name: StoreName, schemaVersion: Int) {
    self.table = table
    self.name = name
    self.schemaVersion = schemaVersion
  }

  /// The first version of the ledger's schema that records adoptions.
  private static let firstVersion = 7

  /// The SQL condition for rows `t` of the user's collection.
  package var ownRows: SQL {
    """
    t.user_id OPERATOR(pg_catalog.=) \(Literal(name.user))::pg_catalog.text
    AND t.collection_name OPERATOR(pg_catalog.=) \(Literal(name.collection))::pg_catalog.text
    """
  }

  /// The SQL condition for the store's entry `s` in the ledger.
  private var ownStore: SQL {
    """
    s.table_name = \(Literal(table.catalogueName)) AND s.user_id = \(Literal(name.user))
    AND s.collection_name = \(Literal(name.collection))
    """
  }

  /// The SQL query for the ids of the rows that the ledger lists for the store.
  package var documents: SQL {
    guard schemaVersion > 0 else { return "SELECT NULL::uuid AS document_id WHERE false" }
    return """
      SELECT d.document_id FROM vector_ferry.documents d
      JOIN vector_ferry.stores s ON s.id = d.store_id WHERE \(ownStore)
      """
  }

  /// The SQL query for the ids of the rows that the store has adopted, each with its document's own
  /// id.
  package var adopted: SQL {
    guard schemaVersion >= Self.firstVersion else {
      return "SELECT NULL::uuid AS document_id, NULL::uuid AS own_id WHERE false"
    }
    return """
      SELECT a.document_id, a.own_id FROM vector_ferry.adoptions a
      JOIN vector_ferry.stores s ON s.id = a.store_id WHERE \(ownStore)
      """
  }

  /// The SQL query for the own ids of the ledger's documents whose rows exist, and the digests of
  /// the rows' texts.
  var listedDocuments: SQL {
    UnlistedQueries.listedDocuments(
      documents: documents, rows: table.rows, adopted: adopted, ownRows: ownRows)
  }

  /// Returns true where a rollback has removed the store from the ledger.
  func isFormer(on connection: Connection) throws(PostgresError) -> Bool {
    guard schemaVersion >= Self.firstVersion else { return false }
    return try connection.scalar(
      "SELECT EXISTS (SELECT FROM vector_ferry.former_stores s WHERE \(ownStore))") == true
  }

  /// Counts the unlisted rows that have the same text as a listed row; also counts those among them
  /// that the application has added.
  package func doubles(ofStore store: Int, on connection: Connection) throws(PostgresError) -> (
    all: Int, added: Int
  ) {
    let counts = try connection.query(
      UnlistedQueries.doubles(
        rows: table.rows, store: store, ownRows: ownRows, documents: documents))
    return (try counts.value(0, 0), try counts.value(0, 1))
  }

  /// Returns true where an unlisted row has the same text and metadata as a listed row that was not
  /// adopted.
  ///
  /// `--adopt` adopts such rows even where the store has not changed.
  package func hasDoubles(on connection: Connection) throws(PostgresError) -> Bool {
    try connection.scalar(
      UnlistedQueries.hasDoubles(
        rows: table.rows, ownRows: ownRows, documents: documents, adopted: adopted)) == true
  }
}

/// Computes the SHA-256 of texts as they are sent.
package struct TextDigester {
  private let hash: SHA256

  /// Prepares the computation of digests.
  package init() throws { hash = try SHA256() }

  /// Computes the digest of a text in UTF-8.
  package func digest(of text: String) throws -> SHA256.Digest {
    var text = text
    try text.withUTF8 { try hash.update(UnsafeRawBufferPointer($0)) }
    return try hash.finish()
  }
}

extension StoreReader {
  /// Calls `body` with all documents from the first on, one batch at a time; afterwards the reader
  /// is at the first document again.
  package func forEachBatch(isInterrupted: () -> Bool, _ body: (DocumentBatch) throws -> Void)
    throws
  {
    var batch = DocumentBatch()
    rewind()
    while try next(&batch, limit: BatchSize.documents) {
      if isInterrupted() { throw Failure(.interrupted, "interrupted") }
      try body(batch)
    }
    rewind()
  }
}
