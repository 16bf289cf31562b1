internal import Digests
internal import Doctor
internal import Ledger
internal import Postgres
internal import Layouts
internal import Stores

/// Finds what would stop a store in a live run although a dry run could read it: a live run
/// discovers this only in the store's own transaction.
struct StoreObstacle {
  let options: MigrationOptions
  let database: DatabaseState
  let isInterrupted: () -> Bool

  /// Returns the first obstacle; nil where none can be seen.
  ///
  /// - Parameters:
  ///   - planned: the store, with the counts of what it removes.
  ///   - entry: the store's entry in the ledger; nil where it is new.
  func find(for planned: PlannedStore, replacing entry: LedgerEntry?, reader: StoreReader) throws
    -> Failure?
  {
    guard let table = database.table else { return nil }
    if let entry, !options.force {
      let edited = try edited(of: entry, planned.name, in: table)
      if let refusal = Failure(edited: edited) { return refusal }
    }
    if let removes = planned.removes, removes > 0 {
      let references = ReferenceGuard(
        of: table, allowed: options.allowedLosses, on: database.connection)
      let refusal = try references.refusal(ofDeleting: removes, losing: planned.losses)
      if let refusal { return refusal }
    }
    return try takenIDs(planned, reader, in: table)
  }

  /// Returns the documents that were changed in the database after they were written.
  private func edited(of entry: LedgerEntry, _ name: StoreName, in table: VectorTable) throws
    -> KeptDocuments
  {
    var edited = KeptDocuments()
    try database.read(name) { connection in
      try LedgerReader(connection: connection, table: table).preferHashJoins()
      try LedgerRows(connection: connection, table: table, name: name)
        .forEach(ofStore: entry.id) { row in
          if row.isEdited { edited.add(row.name) }
        }
    }
    return edited
  }

  /// Returns the failure for documents whose ids exist in another collection, where only the
  /// application can have moved them; nil where there are none.
  private func takenIDs(_ planned: PlannedStore, _ reader: StoreReader, in table: VectorTable)
    throws -> Failure?
  {
    var taken: [Document] = []
    let scope = UnlistedScope(
      table: table, name: planned.name, schemaVersion: database.schemaVersion)
    try reader.forEachBatch(isInterrupted: isInterrupted) { batch in
      guard !batch.documents.isEmpty else { return }
      let found = try database.read(planned.name) { connection in
        var found: Set<UUIDValue> = []
        try connection.copyOut(
          """
          SELECT t.id FROM \(table.rows) t
          WHERE t.id = ANY (\(batch.documents.map(\.id).array)) AND (\(scope.ownRows)) IS NOT TRUE
            AND NOT EXISTS (SELECT FROM (\(scope.adopted)) a WHERE a.own_id = t.id)
          """
        ) { row in
          if let id = UUIDValue(bytes: try row.required()) { found.insert(id) }
        }
        return found
      }
      taken += batch.documents.lazy.filter { found.contains($0.id) }
    }
    // Documents that adopt a row with their text are not written under their own ids.
    let adopting = options.unlisted == .adopt ? planned.unlisted?.equal ?? 0 : 0
    guard let first = taken.first, taken.count > adopting else { return nil }
    return Failure(taken: first, more: taken.count - 1, in: table)
  }
}

extension Failure {
  /// Creates the failure for a store whose rows were edited in the database; nil where there are
  /// none.
  init?(edited rows: KeptDocuments) {
    guard rows.count > 0 else { return nil }
    let documents =
      rows.count == 1 ? "1 of its documents was" : "\(rows.count) of its documents were"
    self.init(
      .database, "\(documents) changed in the database since (\(rows.summary))",
      remedy: "--force replaces \(rows.count == 1 ? "it" : "them") with what the files hold")
  }

  /// Creates the failure for a document whose id exists in another collection.
  ///
  /// - Parameters:
  ///   - document: the document; nil where it is not known.
  ///   - more: how many other documents have the same problem.
  init(taken document: Document?, more: Int = 0, in table: VectorTable) {
    let name =
      document.map { "the document at position \($0.position) (\($0.id))" } ?? "a document of it"
    let others = more == 0 ? "" : more == 1 ? " (and 1 more does)" : " (and \(more) more do)"
    let id = document.map { "'\($0.id)'" } ?? "…"
    self.init(
      .database, "\(name) is in another collection already\(others)",
      remedy: "look with SELECT \(table.layout.user.name), \(table.layout.collection.name) FROM "
        + "\(table.name) WHERE \(table.layout.key.name) = \(id); move the row back or delete it")
  }
}
