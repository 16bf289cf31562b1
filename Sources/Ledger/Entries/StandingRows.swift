internal import Digests
package import Postgres
package import Schema
package import Stores

/// Rows of a store that are in the table and that the ledger does not list.
///
/// Such rows are left where a rollback has kept what the application had edited, or where the
/// ledger was lost. One that is what the files hold is taken into the ledger as it stands; one that
/// differs belongs to the application and stays as it is. Ids of version 5 come from this program
/// alone, so documents that the application added itself are none of them.
package struct StandingRows {
  /// What stands under a document's id.
  package enum Judgement {
    case absent, same, different
  }

  private let connection: Connection
  private let table: VectorTable
  private let name: StoreName
  /// The fingerprint of each row with its time stamp, and without.
  private var fingerprints: [UUIDValue: [DocumentDigest]] = [:]

  /// Reads them, after the rows of an earlier run were removed.
  package init(connection: Connection, table: VectorTable, name: StoreName) throws {
    self.connection = connection
    self.table = table
    self.name = name
    let fingerprinter = try Fingerprinter()
    let query: SQL = """
      SELECT id, text, metadata, created_at, embedding FROM \(table.name)
      WHERE user_id = \(Literal(name.user)) AND collection_name = \(Literal(name.collection))
        AND get_byte(uuid_send(id), 6) >> 4 = 5
      """
    var found: [UUIDValue: [DocumentDigest]] = [:]
    try connection.copyOut(query) { row in
      let bytes = try row.required()
      guard let id = UUIDValue(bytes: bytes) else { return }
      let text = try row.next()
      let metadata = try row.next()
      let createdAt = try row.next()?.int64()
      found[id] = []
      guard let text, let vector = try row.next() else { return }
      found[id] = try [createdAt, nil].compactMap { createdAt in
        try fingerprinter.fingerprint(
          id: bytes, text: text, metadata: metadata, createdAt: createdAt, vector: vector)
      }
    }
    fingerprints = found
  }

  /// Compares a document as it would be sent with what stands under its id.
  package func judge(_ document: Document, _ fingerprint: DocumentDigest) -> Judgement {
    guard let standing = fingerprints[document.id] else { return .absent }
    return standing.contains(fingerprint) ? .same : .different
  }

  /// Takes the rows of these documents away, so that they can be written; returns how many.
  package func remove(_ documents: [Document]) throws -> Int {
    let ids = documents.map(\.id).filter { fingerprints[$0] != nil }
    guard !ids.isEmpty else { return 0 }
    let list = ids.map(\.description).joined(separator: ",")
    return try connection.asApplication {
      try connection.query(
        """
        DELETE FROM \(table.name)
        WHERE id OPERATOR(pg_catalog.=) ANY (\(Literal("{\(list)}"))::pg_catalog.uuid[])
          AND user_id OPERATOR(pg_catalog.=) \(name.user)
          AND collection_name OPERATOR(pg_catalog.=) \(name.collection)
        """
      ).affectedRows
    }
  }
}
