internal import Digests
internal import Ledger
internal import Postgres
internal import Layouts
internal import Stores

/// What stands in the table under the ids of a store's documents.
///
/// Rows that an earlier run has written may be changed. Others are left where a rollback has kept
/// what the application had edited, or where the ledger was lost: one that is what the files hold is
/// taken into the ledger as it stands; one that differs belongs to the application and stays as it
/// is. Ids of version 5 come from this program alone, so documents that the application added itself
/// are none of them.
struct StandingRows {
  /// What has to become of a document.
  enum Judgement {
    /// There is no row: it is added.
    case absent
    /// The row is what would be sent, and is not written.
    case same
    /// The row is changed where it stands.
    case changed
    /// The row is the application's, and stays.
    case different
  }

  /// One row.
  struct Row {
    /// Its fingerprint with its time stamp, and without; empty where it cannot be what was sent.
    let fingerprints: [DocumentDigest]
    /// An earlier run has written it.
    let isOwn: Bool
  }

  let connection: Connection
  let table: VectorTable
  let name: StoreName
  /// Rows that earlier runs have written; nil where there were none.
  let own: OwnRows?
  private let fingerprinter: Fingerprinter
  private let isEmpty: Bool

  /// Looks whether there are any, before the first document is written.
  init(connection: Connection, table: VectorTable, name: StoreName, own: OwnRows?) throws {
    self.connection = connection
    self.table = table
    self.name = name
    self.own = own
    fingerprinter = try Fingerprinter()
    let isThere: Bool? = try connection.scalar(
      """
      SELECT EXISTS (
        SELECT FROM \(table.rows)
        WHERE user_id = \(name.user) AND collection_name = \(name.collection)
          AND get_byte(uuid_send(id), 6) >> 4 = 5)
      """)
    isEmpty = isThere == false
  }

  /// Reads the rows that stand under these documents' ids.
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

extension StandingRows.Row? {
  /// Compares a document as it would be sent with the row under its id.
  ///
  /// - Parameter force: the operator wants rows of the application to be replaced as well.
  func judge(_ fingerprint: DocumentDigest, force: Bool) -> StandingRows.Judgement {
    guard let row = self else { return .absent }
    if row.fingerprints.contains(fingerprint) { return .same }
    return row.isOwn || force ? .changed : .different
  }
}
