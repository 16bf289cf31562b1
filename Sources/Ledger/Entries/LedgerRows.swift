package import Digests
package import Postgres
package import Layouts
package import Stores

/// The rows that the ledger lists for a store, each as it stands in the table.
package struct LedgerRows {
  let connection: Connection
  let table: VectorTable
  let name: StoreName

  package init(connection: Connection, table: VectorTable, name: StoreName) {
    self.connection = connection
    self.table = table
    self.name = name
  }

  /// One row beside what the ledger holds.
  package struct Row {
    package let id: UUIDValue?
    let recorded: DocumentDigest?
    /// Nil where the row cannot be what was sent.
    package let fingerprint: DocumentDigest?

    /// The id as people read it.
    package var name: String { id?.description ?? "?" }

    /// Somebody has changed it since it was written.
    package var isEdited: Bool { fingerprint == nil || fingerprint != recorded }
  }

  /// Streams the rows that are still there; those that were deleted since do not come.
  package func forEach(ofStore store: Int, _ body: (Row) throws -> Void) throws {
    let fingerprinter = try Fingerprinter()
    let user = Literal(name.user)
    let collection = Literal(name.collection)
    let query: SQL = """
      SELECT t.id, d.fingerprint, d.has_timestamp, t.text, t.metadata, t.created_at, t.embedding
      FROM vector_ferry.documents d JOIN \(table.rows) t ON t.id = d.document_id
      WHERE d.store_id = \(number: store)
        AND t.user_id = \(user) AND t.collection_name = \(collection)
      """
    try connection.copyOut(query) { row in
      let id = try row.required()
      let recorded = DocumentDigest(bytes: try row.required())
      let hasTimestamp = try row.required().first == 1
      let text = try row.next()
      let metadata = try row.next()
      let createdAt = try row.next()?.int64()
      // A null where there was none is a change like any other.
      let vector = try row.next()
      var fingerprint: DocumentDigest?
      if let text, let vector {
        fingerprint = try fingerprinter.fingerprint(
          id: id, text: text, metadata: metadata, createdAt: hasTimestamp ? createdAt : nil,
          vector: vector)
      }
      try body(Row(id: UUIDValue(bytes: id), recorded: recorded, fingerprint: fingerprint))
    }
  }
}
