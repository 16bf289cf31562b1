internal import Doctor
internal import Digests
internal import Ledger
internal import Postgres
internal import Schema
internal import Stores

/// Counts what a replaced store takes away: its own rows, and rows of tables that refer to them.
struct RemovalCount {
  private let entry: LedgerEntry
  private let database: DatabaseState
  private let isInterrupted: () -> Bool

  init(of entry: LedgerEntry, database: DatabaseState, isInterrupted: @escaping () -> Bool) {
    self.entry = entry
    self.database = database
    self.isInterrupted = isInterrupted
  }

  /// Notes it in the plan of a store, where other tables refer to the documents'.
  func add(to planned: inout PlannedStore, reader: StoreReader) throws {
    guard let table = database.table, !database.referring.isEmpty else { return }
    var gone = try listed(planned.name, in: table)
    try reader.forEachBatch(isInterrupted: isInterrupted) { batch in
      for document in batch.documents { gone.remove(document.id) }
    }
    planned.removes = gone.count
    guard !gone.isEmpty else { return }
    let references = try References(to: table, on: database.connection)
    planned.losses = try references.count(
      where: "t.id = ANY (\(Array(gone).array))", user: planned.name.user)
  }

  /// The rows that an earlier run has written and that are still there.
  private func listed(_ name: StoreName, in table: VectorTable) throws -> Set<UUIDValue> {
    let scope = UnlistedScope(table: table, name: name, schemaVersion: database.schemaVersion)
    var ids: Set<UUIDValue> = []
    try database.connection.transaction(.repeatableRead, readOnly: true) {
      try RowSecurity.act(for: name.user, on: database.connection)
      try database.connection.copyOut(
        """
        SELECT t.id FROM (\(scope.documents)) d JOIN \(table.name) t ON t.id = d.document_id
        WHERE \(scope.ownRows)
          AND NOT EXISTS (SELECT FROM (\(scope.adopted)) a WHERE a.document_id = t.id)
        """
      ) { row in
        if let id = UUIDValue(bytes: try row.required()) { ids.insert(id) }
      }
    }
    return ids
  }
}
