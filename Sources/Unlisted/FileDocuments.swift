package import Digests
package import Layouts
package import Postgres
package import Stores

/// The documents of a store's files and of the ledger, in temporary tables, so that the memory does
/// not grow with the number of documents.
///
/// A document with an id of its own stays the same document when its text changes. Where the id is
/// missing or repeated, a document is identified by its position among such documents, and only the
/// text shows whether the document is still at that position. An id also counts as repeated where
/// the files of an earlier run had it more than once.
package struct FileDocuments {
  let connection: Connection
  let table: VectorTable
  let name: StoreName

  /// Selects the documents of a store.
  package init(connection: Connection, table: VectorTable, name: StoreName) {
    self.connection = connection
    self.table = table
    self.name = name
  }

  /// The table of the files' documents: id, position, digest of the text, and `next_id`.
  ///
  /// `next_id` is the id that a second document with the same id in the files would have; null
  /// where the document has no id of its own.
  package static let all = QualifiedName(schema: "pg_temp", "vector_ferry_wanted")
  /// The table with the ids of the documents that the ledger lists; for an adopted row, the table
  /// has the document's own id.
  private static let listed = QualifiedName(schema: "pg_temp", "vector_ferry_listed")

  /// Collects the documents that the ledger lists for a store, before a run writes this list again.
  package static func noteListed(ofStore store: Int?, on connection: Connection) throws {
    try connection.query("CREATE TEMPORARY TABLE vector_ferry_listed (id uuid) ON COMMIT DROP")
    try connection.query(UnlistedQueries.noteListed(store: store))
    try connection.query("ANALYZE \(Self.listed)")
  }

  /// The SQL condition for a document `w` that only its text identifies.
  static var isKnownByText: SQL {
    "(w.next_id IS NULL OR EXISTS (SELECT FROM \(listed) l WHERE l.id = w.next_id))"
  }

  /// The SQL condition for a row `t` that has the id of document `w` but belongs to another
  /// document, as its text shows.
  package static var isOther: SQL {
    "\(isKnownByText) AND sha256(convert_to(t.text, 'UTF8')) IS DISTINCT FROM w.digest"
  }

  /// Reads all documents of the files into the table `all`; does nothing where the transaction has
  /// read them before.
  package func stage(_ reader: StoreReader, isInterrupted: () -> Bool) throws {
    guard try connection.scalar("SELECT to_regclass(\(Self.all.quoted)) IS NULL") == true else {
      return
    }
    try connection.query(
      """
      CREATE TEMPORARY TABLE vector_ferry_wanted (
        id uuid NOT NULL, position bigint NOT NULL, digest bytea NOT NULL, next_id uuid)
      ON COMMIT DROP
      """)
    let digester = try TextDigester()
    var identity = DocumentIdentity(of: name)
    try reader.forEachBatch(isInterrupted: isInterrupted) { batch in
      try connection.copyIn(Self.all, columns: ["id", "position", "digest", "next_id"]) { writer in
        for document in batch.documents {
          try writer.beginRow()
          writer.bytes(document.id.bytes)
          writer.int64(Int64(document.position))
          writer.bytes(try digester.digest(of: document.text).bytes)
          if let next = try document.nextID(&identity) {
            writer.bytes(next.bytes)
          } else {
            writer.null()
          }
        }
      }
    }
    try connection.query("ANALYZE \(Self.all)")
  }
}

extension Document {
  /// Returns the id that a second document with the same id in the files would have; nil where this
  /// document has no id of its own.
  package func nextID(_ identity: inout DocumentIdentity) throws -> UUIDValue? {
    guard hasOwnID, let sourceID else { return nil }
    return try identity.id(sourceID: sourceID, ordinal: 1)
  }
}
