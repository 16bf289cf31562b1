internal import Postgres
internal import Schema
internal import Stores

extension StoreLoad {
  /// Reads every row back before the commit and compares it with what was sent: id, text,
  /// metadata as values, time stamp, and the vector bit for bit.
  func verify(_ store: Int, sent: ContentDigest) throws {
    var found = ContentDigest()
    var different: [String] = []
    try readBack(store) { row in
      guard let fingerprint = row.fingerprint, fingerprint == row.recorded else {
        return different.append(row.id)
      }
      found.add(fingerprint)
    }
    guard different.isEmpty, found == sent else {
      let rows = different.prefix(5).joined(separator: ", ")
      throw Failure(
        .verification,
        different.isEmpty
          ? "\(sent.count) documents were sent, \(found.count) came back, or others than those"
          : "\(different.count) documents read back differently (\(rows))",
        remedy: "nothing of this store was committed; look for triggers or rules on the table")
    }
  }

  /// Refuses to replace rows that somebody changed since they were carried over.
  func refuseEdited(_ previous: LedgerEntry) throws {
    var edited: [String] = []
    try readBack(previous.id) { row in
      if row.fingerprint == nil || row.fingerprint != row.recorded { edited.append(row.id) }
    }
    guard !edited.isEmpty else { return }
    let rows = edited.prefix(5).joined(separator: ", ")
    throw Failure(
      .database,
      "\(edited.count) of its documents were changed in the database since (\(rows))",
      remedy: "--force replaces them with what the files hold")
  }

  /// One row as it stands in the table beside what the ledger holds.
  private struct StoredRow {
    let id: String
    let recorded: DocumentDigest?
    /// Nil where the row cannot be what was sent.
    let fingerprint: DocumentDigest?
  }

  private func readBack(_ store: Int, _ body: (StoredRow) throws -> Void) throws {
    let fingerprinter = try Fingerprinter()
    let user = Literal(planned.name.user)
    let collection = Literal(planned.name.collection)
    let query: SQL = """
      SELECT t.id, d.fingerprint, d.has_timestamp, t.text, t.metadata, t.created_at, t.embedding
      FROM vector_ferry.documents d JOIN \(table.name) t ON t.id = d.document_id
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
      let name = UUIDValue(bytes: id)?.description ?? "?"
      try body(StoredRow(id: name, recorded: recorded, fingerprint: fingerprint))
    }
  }
}
