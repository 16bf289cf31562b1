internal import Digests
internal import Ledger
internal import Postgres
internal import Layouts
internal import Stores
internal import Unlisted

/// The rows that the table has under the ids of a store's documents.
///
/// Rows that an earlier run has written may be changed. Other rows exist where a rollback has kept
/// what the application had edited, or where the ledger was lost. Of these other rows, a row with
/// the contents of the files is added to the ledger unchanged; a row that differs belongs to the
/// application, and only `force` changes it. Only this program makes ids of version 5, so documents
/// that the application added itself are not among these rows.
struct ExistingRows {
  /// The decision about a document: added, changed, or left as it is.
  enum Decision {
    /// There is no row; a row is added.
    case absent
    /// The row already equals the document, and is not written.
    case same
    /// The row is changed in place.
    case changed
    /// The row belongs to the application, and is not changed.
    case different
  }

  /// A row of the table.
  struct Row {
    /// The row's fingerprints, with and without its time stamp; empty where the row has no text or
    /// no vector.
    let fingerprints: [DocumentDigest]
    /// True where an earlier run has written the row.
    let isOwn: Bool
  }

  let connection: Connection
  let table: VectorTable
  let name: StoreName
  /// The rows of the store that earlier runs have written; nil where there are none.
  let own: OwnRows?
  private let fingerprinter: Fingerprinter
  private let isEmpty: Bool

  /// Prepares to read the rows of a collection; `state` was read before the first document is
  /// written.
  init(
    connection: Connection, table: VectorTable, name: StoreName, own: OwnRows?,
    state: CollectionState
  ) throws {
    self.connection = connection
    self.table = table
    self.name = name
    self.own = own
    fingerprinter = try Fingerprinter()
    isEmpty = !state.hasNamedRows
  }

  /// Reads the rows that the table has under these documents' ids.
  func rows(of documents: [Document]) throws -> [UUIDValue: Row] {
    guard !isEmpty, !documents.isEmpty else { return [:] }
    let isOwn: SQL =
      own == nil ? "false" : "EXISTS (SELECT FROM \(OwnRows.ids) o WHERE o.id = t.id)"
    var found: [UUIDValue: Row] = [:]
    try connection.copyOut(
      """
      SELECT t.id, \(isOwn), t.text, t.metadata, t.created_at, t.embedding FROM \(table.rows) t
      WHERE t.id = ANY (\(documents.map(\.id).array))
        AND t.user_id = \(Literal(name.user)) AND t.collection_name = \(Literal(name.collection))
      """
    ) { row in
      let bytes = try row.required()
      let isOwn = try row.required().first == 1
      let text = try row.next()
      let metadata = try row.next()
      let createdAt = try row.next()?.int64()
      let vector = try row.next()
      guard let id = UUIDValue(bytes: bytes) else { return }
      var fingerprints: [DocumentDigest] = []
      if let text, let vector {
        fingerprints = try [createdAt, nil].compactMap { createdAt in
          try fingerprinter.fingerprint(
            id: bytes, text: text, metadata: metadata, createdAt: createdAt, vector: vector)
        }
      }
      found[id] = Row(fingerprints: fingerprints, isOwn: isOwn)
    }
    return found
  }
}

extension ExistingRows.Row? {
  /// Decides the treatment of a document, by comparing its fingerprint with the row under its id.
  ///
  /// - Parameter force: true where the operator wants rows of the application to be replaced, too.
  func decide(_ fingerprint: DocumentDigest, force: Bool) -> ExistingRows.Decision {
    guard let row = self else { return .absent }
    if row.fingerprints.contains(fingerprint) { return .same }
    return row.isOwn || force ? .changed : .different
  }
}
