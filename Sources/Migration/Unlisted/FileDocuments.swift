internal import Digests
internal import Postgres
internal import Layouts
internal import Stores

/// The documents of a store's files beside what the database has, in temporary tables, so that
/// memory does not grow with them.
///
/// A document with an id of its own is the same one whatever its text is. Where the id is missing or
/// repeated, the identity is a position among others, and only the text tells whether a document
/// stands there still. A repeated id counts as such, too, where the files of an earlier run had it
/// more than once.
struct FileDocuments {
  let connection: Connection
  let table: VectorTable
  let name: StoreName

  /// Id, digest of the text, and the id that the next document with the same id of the files would
  /// have; null where the document has no id of its own.
  static let all = QualifiedName(schema: "pg_temp", "vector_ferry_wanted")
  /// The documents of the ledger, by ids of their own.
  private static let listed = QualifiedName(schema: "pg_temp", "vector_ferry_listed")

  /// Notes which documents the ledger lists for a store, before they are listed anew.
  static func noteListed(ofStore store: Int?, on connection: Connection) throws {
    try connection.query("CREATE TEMPORARY TABLE vector_ferry_listed (id uuid) ON COMMIT DROP")
    try connection.query(
      """
      INSERT INTO \(Self.listed) (id)
      SELECT coalesce(a.own_id, d.document_id) FROM vector_ferry.documents d
      LEFT JOIN vector_ferry.adoptions a
        ON a.store_id = d.store_id AND a.document_id = d.document_id
      WHERE d.store_id = \(store)
      """)
    try connection.query("ANALYZE \(Self.listed)")
  }

  /// True for a document `w` that is known by its text alone.
  static var isKnownByText: SQL {
    "(w.next_id IS NULL OR EXISTS (SELECT FROM \(listed) l WHERE l.id = w.next_id))"
  }

  /// True for a document `w` that a row `t` of its own is not: by its text, where that decides.
  static var isOther: SQL {
    "\(isKnownByText) AND sha256(convert_to(t.text, 'UTF8')) IS DISTINCT FROM w.digest"
  }

  /// Reads all documents, once in a transaction.
  func stage(_ reader: StoreReader, isInterrupted: () -> Bool) throws {
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
  /// The id that another document with the same id of the files would have; nil where this one has
  /// no id of its own.
  func nextID(_ identity: inout DocumentIdentity) throws -> UUIDValue? {
    guard hasOwnID, let sourceID else { return nil }
    return try identity.id(sourceID: sourceID, ordinal: 1)
  }
}
