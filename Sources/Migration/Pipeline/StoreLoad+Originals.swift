internal import Models
internal import Ledger
internal import Digests
internal import Files
internal import Layouts
internal import OwnSchema
internal import VectorMath
internal import Postgres
internal import Stores
internal import Unlisted

extension StoreLoad {
  /// Deletes the originals of the documents that the ledger lists, before new originals are
  /// written; where the store no longer keeps originals, also deletes those of the application's
  /// documents.
  func removeOriginals(ofStore store: Int) throws {
    let originals = OriginalsTable(connection: connection, store: store)
    let added = keepsOriginals ? 0 : try originals.countOfAdded()
    try originals.remove(onlyListed: keepsOriginals)
    if added > 0 { reportDeletedOriginals(added) }
  }

  /// Converts documents to this store's model that the application has added to `former`, a store
  /// that is about to leave the ledger.
  ///
  /// Sets the originals of these documents aside, because they will be deleted together with
  /// `former`.
  ///
  /// - Returns: the number of converted documents, and the number of those that cannot be converted
  ///   because this store has no model with the same input dimension.
  func takeAdded(fromStore former: Int) throws -> (converted: Int, left: Int) {
    let models = ModelTable(connection: connection)
    guard let old = try models.model(ofStore: former).map(models.projection) else { return (0, 0) }
    let added = AddedDocuments(
      connection: connection, table: table, name: planned.name, store: former)
    guard let new = model?.fitted.projection, new.inputDimensions == old.inputDimensions else {
      return (0, try added.count())
    }
    let converted =
      old == new
      ? 0 : try added.convert(from: old, to: new, with: Engine(isStopped: { StopRequest.isMade }))
    if try OriginalsTable.exists(on: connection) {
      try connection.query(
        StoreLoadQueries.takeAddedOriginals(
          rows: table.rows, user: Literal(planned.name.user),
          collection: Literal(planned.name.collection), store: former,
          dimensions: old.inputDimensions,
          vector: try FerrySchema.vectorSchema(on: connection)))
    }
    return (converted, 0)
  }

  /// Inserts the originals that were set aside as originals of this store, which must be in the
  /// ledger.
  func returnAddedOriginals() throws {
    let areThere: Bool? = try connection.scalar(
      "SELECT to_regclass('pg_temp.vector_ferry_added_originals') IS NOT NULL")
    guard areThere == true else { return }
    try connection.query(
      StoreLoadQueries.returnAddedOriginals(
        table: table.catalogueName, user: planned.name.user, collection: planned.name.collection))
  }

  /// Stores the unreduced vectors of a batch as originals, for the documents in `listed`.
  func keepOriginals(
    of batch: DocumentBatch, documents: [Document], listed: Set<UUIDValue>,
    reduced rows: UnsafeBufferPointer<Float>, store: Int, sent: inout OriginalsDigest
  ) throws {
    try OriginalsTable.check(
      batch.vectors, of: documents, in: planned.store.vectorsFile ?? "its vectors")
    let width = batch.count == 0 ? 0 : rows.count / batch.count
    var digests = try ReducedDigest()
    try connection.copyIn(
      OriginalsTable.name,
      columns: ["store_id", "document_id", "embedding", "reduced_digest"]
    ) { writer in
      for (index, document) in documents.enumerated() where listed.contains(document.id) {
        let place = index * batch.dimensions..<(index + 1) * batch.dimensions
        let original = halfvecField(batch.vectors[place])
        let digest = try digests.digest(
          of: UnsafeBufferPointer(rebasing: rows[index * width..<(index + 1) * width]))
        try writer.beginRow()
        writer.int64(Int64(store))
        writer.bytes(document.id.bytes)
        writer.bytes(original)
        writer.bytes(digest)
        try document.id.bytes.withUnsafeBytes { id in
          try original.withUnsafeBytes { original in
            try digest.withUnsafeBytes { try sent.add(id: id, halfvec: original, reduced: $0) }
          }
        }
      }
    }
  }

  /// Reads the originals of the store's documents back and compares them with what was sent.
  func verifyOriginals(_ store: Int, sent: OriginalsDigest) throws {
    var found = try OriginalsDigest()
    try connection.copyOut(
      """
      SELECT o.document_id, o.embedding, o.reduced_digest
      FROM vector_ferry.originals o JOIN vector_ferry.documents d USING (store_id, document_id)
      WHERE o.store_id = \(number: store)
      """
    ) { row in
      let id = try row.required()
      let original = try row.required()
      try found.add(id: id, halfvec: original, reduced: try row.required())
    }
    guard found.sum == sent.sum else {
      throw Failure(
        .verification,
        "\(sent.sum.count) originals were written, and \(found.sum.count) were read back: their "
          + "number or their contents differ",
        remedy: "nothing of this store was committed; look for triggers on vector_ferry.originals")
    }
  }
}
