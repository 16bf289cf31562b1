internal import Digests
internal import Ledger
internal import Postgres
internal import Layouts
internal import OwnSchema
internal import Stores
internal import Unlisted

/// Counts the rows that are deleted when a store is replaced: the store's own rows, and rows of
/// tables that refer to them.
struct RemovalCount {
  let table: VectorTable
  let connection: Connection
  /// The version of the ledger's schema.
  let schemaVersion: Int
  let isInterrupted: @Sendable () -> Bool

  /// Counts the rows that are deleted when a store's documents replace the rows of an earlier run.
  func count(_ reader: StoreReader) throws -> DatabaseAnswers.Removals {
    let name = reader.store.name
    let (rows, listed) = try rows(of: name)
    var gone = Set(rows.keys)
    let digester = try TextDigester()
    var identity = DocumentIdentity(of: name)
    try reader.forEachBatch(isInterrupted: isInterrupted) { batch in
      for document in batch.documents {
        guard let text = rows[document.id] else { continue }
        let next = try document.nextID(&identity)
        if let next, !listed.contains(next) {
          gone.remove(document.id)
        } else if try digester.digest(of: document.text) == text {
          gone.remove(document.id)
        }
      }
    }
    guard !gone.isEmpty else { return DatabaseAnswers.Removals() }
    let references = try References(to: table, on: connection)
    return DatabaseAnswers.Removals(
      rows: gone.count,
      losses: try references.count(
        where: "t.id = ANY (\(Array(gone).array))", user: name.user))
  }

  /// Reads the rows of an earlier run that still exist, with the digests of their texts, and the
  /// ids of all documents that the ledger lists.
  private func rows(of name: StoreName) throws -> (
    rows: [UUIDValue: SHA256.Digest?], listed: Set<UUIDValue>
  ) {
    let scope = UnlistedScope(table: table, name: name, schemaVersion: schemaVersion)
    var rows: [UUIDValue: SHA256.Digest?] = [:]
    var listed: Set<UUIDValue> = []
    try connection.transaction(.repeatableRead, readOnly: true) {
      try RowSecurity.act(for: name.user, on: connection)
      try connection.copyOut(
        StoreLoadQueries.listedRows(
          documents: scope.documents, rows: table.rows, ownRows: scope.ownRows,
          adopted: scope.adopted)
      ) { row in
        guard let id = UUIDValue(bytes: try row.required()) else { return }
        rows[id] = .some(try row.next().flatMap { SHA256.Digest(Array($0)) })
      }
      try connection.copyOut(
        """
        SELECT coalesce(a.own_id, d.document_id) FROM (\(scope.documents)) d
        LEFT JOIN (\(scope.adopted)) a ON a.document_id = d.document_id
        """
      ) { row in
        if let id = UUIDValue(bytes: try row.required()) { listed.insert(id) }
      }
    }
    return (rows, listed)
  }
}
