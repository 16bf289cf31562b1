internal import Ledger
internal import Stores

extension StoreLoad {
  /// Reads every row back before the commit and compares it with what was sent: id, text, metadata
  /// as values, time stamp, and the vector bit for bit.
  func verify(_ store: Int, sent: ContentDigest) throws {
    var found = ContentDigest()
    var different: [String] = []
    try readBack(store) { row in
      guard let fingerprint = row.fingerprint, !row.isEdited else {
        return different.append(row.name)
      }
      found.add(fingerprint)
    }
    guard different.isEmpty, found == sent else {
      let rows = different.prefix(5).joined(separator: ", ")
      throw Failure(
        .verification,
        different.isEmpty
          ? "\(sent.count) documents were sent, and \(found.count) were read back: their number or "
            + "their contents differ"
          : "\(different.count) documents read back differently (\(rows))",
        remedy: "nothing of this store was committed; look for triggers or rules on the table")
    }
  }

  /// Refuses to replace rows that were changed after they were migrated.
  func refuseEdited(_ previous: LedgerEntry) throws {
    var edited = KeptDocuments()
    try readBack(previous.id) { row in
      if row.isEdited { edited.add(row.name) }
    }
    if let refusal = Failure(edited: edited) { throw refusal }
  }

  /// Calls `body` with each row that the ledger lists for a store, in no particular order.
  func readBack(_ store: Int, _ body: (LedgerRows.Row) throws -> Void) throws {
    try LedgerRows(connection: connection, table: table, name: planned.name)
      .forEach(ofStore: store, body)
  }
}
