internal import Doctor
internal import Digests
internal import Ledger
internal import Postgres
internal import Layouts
internal import Stores

/// Counts what replacing a store deletes: its own rows, and rows of tables that refer to them.
struct RemovalCount {
  private let entry: LedgerEntry
  private let database: DatabaseState
  private let isInterrupted: () -> Bool

  init(of entry: LedgerEntry, database: DatabaseState, isInterrupted: @escaping () -> Bool) {
    self.entry = entry
    self.database = database
    self.isInterrupted = isInterrupted
  }

  /// Adds the counts to the plan of a store where other tables refer to the documents.
  func add(to planned: inout PlannedStore, reader: StoreReader) throws {
    guard let table = database.table, !database.referring.isEmpty else { return }
    let (rows, listed) = try rows(of: planned.name, in: table)
    var gone = Set(rows.keys)
    let digester = try TextDigester()
    var identity = DocumentIdentity(of: planned.name)
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
    planned.removes = gone.count
    guard !gone.isEmpty else { return }
    let references = try References(to: table, on: database.connection)
    planned.losses = try references.count(
      where: "t.id = ANY (\(Array(gone).array))", user: planned.name.user)
  }

  /// Reads the rows of an earlier run that still exist, with the digests of their texts, and the
  /// documents' own ids of everything that the ledger lists.
  private func rows(of name: StoreName, in table: VectorTable) throws -> (
    rows: [UUIDValue: SHA256.Digest?], listed: Set<UUIDValue>
  ) {
    let scope = UnlistedScope(table: table, name: name, schemaVersion: database.schemaVersion)
    var rows: [UUIDValue: SHA256.Digest?] = [:]
    var listed: Set<UUIDValue> = []
    try database.read(name) { connection in
      try connection.copyOut(
        """
        SELECT t.id, sha256(convert_to(t.text, 'UTF8'))
        FROM (\(scope.documents)) d JOIN \(table.rows) t ON t.id = d.document_id
        WHERE \(scope.ownRows)
          AND NOT EXISTS (SELECT FROM (\(scope.adopted)) a WHERE a.document_id = t.id)
        """
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
