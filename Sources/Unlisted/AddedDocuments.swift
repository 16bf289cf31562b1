package import Digests
package import Layouts
package import Models
package import Postgres
package import Stores
package import VectorMath

/// The documents of a store that the application has added.
///
/// The store's model has reduced the vectors of these documents. When the model changes, these
/// vectors must be converted too, because searches would otherwise compare them in the wrong
/// coordinates. Rows that existed before any run are not among these documents, because the model
/// of their vectors is unknown.
package struct AddedDocuments {
  let connection: Connection
  let table: VectorTable
  let name: StoreName
  /// The store's id in the ledger.
  let store: Int
  /// True where adopted rows that hold documents of the files are left out, because these rows get
  /// the vectors of the files.
  let leavesPairs: Bool
  /// The model that has reduced the documents' vectors, where originals that were changed count as
  /// none; otherwise nil.
  private var model: (projection: Projection, engine: Engine)?

  /// Selects the added documents of a store by the store's id in the ledger.
  package init(
    connection: Connection, table: VectorTable, name: StoreName, store: Int,
    leavesPairs: Bool = false
  ) {
    self.connection = connection
    self.table = table
    self.name = name
    self.store = store
    self.leavesPairs = leavesPairs
  }

  /// Returns the same documents, where originals from which the model does not compute the vectors
  /// of their rows count as none.
  func checked(by projection: Projection, with engine: Engine) -> AddedDocuments {
    var documents = self
    documents.model = (projection, engine)
    return documents
  }

  /// The numbers of added documents whose originals cannot be used.
  package struct OriginalFaults: Equatable {
    /// The number of documents without an original that belongs to the vector in the table.
    package var missing = 0
    /// The number of documents whose original was changed.
    package var changed = 0
  }

  /// Counts the documents whose originals cannot be used, where the model has reduced the vectors.
  package func originalFaults(_ projection: Projection, with engine: Engine) throws
    -> OriginalFaults
  {
    var check = OriginalCheck(projection, engine: engine)
    var faults = OriginalFaults()
    try forEachBatch { batch in
      faults.missing += batch.count { $0.original == nil }
      faults.changed += try check.changed(batch).count
    }
    return faults
  }

  /// An added document.
  package struct Added {
    package let id: UUIDValue
    /// The document's vector in the table.
    package let reduced: [Float]
    /// The document's vector before the reduction; nil where none is stored, or where the stored
    /// one no longer belongs to the vector in the table.
    package fileprivate(set) var original: [Float]?
  }

  private static let batchRows = 256

  /// Calls `body` with the added documents in the order of their ids, one batch at a time.
  func forEachBatch(_ body: ([Added]) throws -> Void) throws {
    let originals = try OriginalsTable.exists(on: connection)
    var last: UUIDValue?
    var check = model.map { OriginalCheck($0.projection, engine: $0.engine) }
    while true {
      var batch = try next(after: last, originals: originals)
      if batch.isEmpty { return }
      let changed = Set(try check?.changed(batch).map(\.id) ?? [])
      for place in batch.indices where changed.contains(batch[place].id) {
        batch[place].original = nil
      }
      try body(batch)
      last = batch.last?.id
    }
  }

  /// Counts the added documents.
  package func count() throws -> Int {
    var count = 0
    try forEachBatch { count += $0.count }
    return count
  }

  private func next(after last: UUIDValue?, originals: Bool) throws -> [Added] {
    let join: SQL =
      originals
      ? """
      LEFT JOIN vector_ferry.originals o
        ON o.store_id = \(number: store) AND o.document_id = t.id
      """ : ""
    let original: SQL = originals ? "o.embedding, o.reduced_digest" : "NULL::text, NULL::bytea"
    let pairs: SQL =
      leavesPairs
      ? "AND NOT EXISTS (SELECT FROM \(Adoption.pairs) p WHERE p.row_id = t.id)" : ""
    let position: SQL = last.map { "AND t.id > \(Literal($0.description))::uuid" } ?? ""
    var digests = try ReducedDigest()
    var batch: [Added] = []
    try connection.copyOut(
      UnlistedQueries.addedRows(
        original: original, rows: table.rows, join: join, user: Literal(name.user),
        collection: Literal(name.collection), store: store, pairs: pairs, position: position,
        limit: Self.batchRows)
    ) { row in
      if let added = try Self.read(&row, &digests) { batch.append(added) }
    }
    return batch
  }

  /// Reads a document from a row with an id, a vector, an original and a digest; nil where the id
  /// is no UUID.
  ///
  /// The digest shows which vector the original belongs to: where this is not the row's vector, the
  /// original is left out.
  package static func read(_ row: inout BinaryCopyRow, _ digests: inout ReducedDigest) throws
    -> Added?
  {
    guard let id = UUIDValue(bytes: try row.required()) else { return nil }
    let field = try row.required()
    var reduced: [Float] = []
    _ = try field.appendVector(to: &reduced)
    var original: [Float]?
    if let kept = try row.next(), let digest = try row.next(),
      try digests.digest(ofField: field).elementsEqual(digest)
    {
      var vector: [Float] = []
      _ = try kept.appendHalfvec(to: &vector)
      original = vector
    }
    return Added(id: id, reduced: reduced, original: original)
  }
}

extension AddedDocuments {
  /// Converts the documents' vectors in the table to another model; returns the number of converted
  /// documents.
  ///
  /// A vector is computed from the document's original where there is one that the new model can
  /// reduce, otherwise from the vector in the table, which the old model has reduced.
  package func convert(from old: Projection, to new: Projection, with engine: Engine) throws -> Int
  {
    let rewritten = try RewrittenVectors(connection: connection, table: table)
    var reducer = Reducer(foreign: new, engine: engine)
    var count = 0
    try checked(by: old, with: engine).forEachBatch { batch in
      let kept = batch.filter { $0.original?.count == new.inputDimensions }
      let others = batch.filter { $0.original?.count != new.inputDimensions }
      if !kept.isEmpty {
        try reducer.withReduced(kept.flatMap { $0.original ?? [] }, count: kept.count) { rows in
          try rewritten.add(Self.paired(kept, Array(rows)), haveOriginals: true)
        }
      }
      if !others.isEmpty {
        let rows = try new.reduceDocuments(
          others.flatMap(\.reduced), count: others.count, from: old, with: engine)
        try rewritten.add(Self.paired(others, rows), haveOriginals: false)
      }
      count += batch.count
    }
    if count > 0 { try rewritten.apply(name: name, store: store) }
    return count
  }

  /// Pairs each document's id with its new vector; `rows` holds the vectors, one after the other.
  private static func paired(
    _ documents: [Added], _ rows: [Float]
  ) -> [(id: UUIDValue, vector: [Float])] {
    let width = rows.count / max(1, documents.count)
    return documents.enumerated().map { index, added in
      (added.id, Array(rows[index * width..<(index + 1) * width]))
    }
  }
}

/// The vectors of added documents, for fitting another model.
package struct AddedRows {
  /// The originals (the vectors before the reduction) of the documents whose originals are stored.
  package let originals: any RowSource
  /// The vectors of documents without an original, computed back from the reduced vectors, without
  /// what the reduction has lost; nil where the new model should not be fitted to them.
  package let remains: (any RowSource)?
  /// The number of documents whose original is not stored.
  package let withoutOriginal: Int

  /// Counts the documents that exist now, and decides whether the new model is fitted to documents
  /// without an original.
  ///
  /// The vector that is computed back for such a document lies in the span of the old model's
  /// components. If the new model's components have this vector in their span, the document's
  /// scores do not change. An old model that changes the first numbers of vectors is an exception:
  /// with a wider span, the document's scores would fall. Then the new model is not fitted to such
  /// documents.
  ///
  /// - Parameters:
  ///   - old: the model that reduced the documents' vectors; nil where there is none.
  ///   - others: the number of other rows that the new model is fitted to.
  ///   - target: the dimension that the new model reduces to. Documents without an original are not
  ///     used where the model would have too many rows to be exact with them.
  package init(
    _ documents: AddedDocuments, dimensions: Int, reducedBy old: Projection?, beside others: Int,
    target: Int, engine: Engine
  ) throws {
    let documents = old.map { documents.checked(by: $0, with: engine) } ?? documents
    var (all, kept) = (0, 0)
    try documents.forEachBatch { batch in
      all += batch.count
      kept += batch.count { $0.original?.count == dimensions }
    }
    withoutOriginal = all - kept
    originals = Rows(dimensions: dimensions, count: kept) { body in
      try documents.forEachBatch { batch in
        let vectors = batch.compactMap(\.original).filter { $0.count == dimensions }
        try vectors.flatMap { $0 }.withUnsafeBufferPointer { try body($0, vectors.count) }
      }
    }
    guard let old, old.inputDimensions == dimensions, !old.changesFirstNumbers, all > kept,
      others + all < target
    else {
      remains = nil
      return
    }
    remains = Rows(dimensions: dimensions, count: all - kept) { body in
      try documents.forEachBatch { batch in
        let reduced = batch.filter { $0.original?.count != dimensions }.map(\.reduced)
        let rows = try old.expand(reduced.flatMap { $0 }, count: reduced.count, with: engine)
        try rows.withUnsafeBufferPointer { try body($0, reduced.count) }
      }
    }
  }

  /// Rows that a closure supplies.
  private struct Rows: RowSource {
    let dimensions: Int
    let count: Int
    let read: ((UnsafeBufferPointer<Float>, Int) throws -> Void) throws -> Void

    func forEachBatch(_ body: (UnsafeBufferPointer<Float>, Int) throws -> Void) throws {
      try read(body)
    }
  }
}
