internal import Layouts
internal import Machine
internal import Models
internal import Ledger
internal import Digests
internal import Postgres
internal import Stores
internal import Unlisted
internal import VectorMath

extension StoreLoad {
  /// Fits a model to the store's originals and rewrites the store's vectors with this model; texts
  /// and metadata stay unchanged.
  func rewriteFromOriginals(
    kind: Projection.Kind, dimensions: Int, engine: Engine, minimumRecall: Double
  ) throws -> (model: FittedModel, documents: Int, withoutOriginal: Int, isSameModel: Bool) {
    hooks.reached(.beforeTransaction)
    let result = try transaction { _ in
      try storeLock.take()
      let previous = try LedgerReader(connection: connection, table: table).entry(for: planned.name)
      guard let previous else {
        throw Failure(.database, "the store was removed from the ledger meanwhile")
      }
      let others = try OtherRows(connection: connection, table: table, name: planned.name)
      let tables = try OtherTables(beside: table, allowed: allowedLosses, on: connection)
      if !force { try refuseEditedBeforeRewrite(previous) }
      let kept = try KeptOriginals(of: self, store: previous.id, dimensions: dimensions)
      let added = AddedDocuments(
        connection: connection, table: table, name: planned.name, store: previous.id)
      let models = ModelTable(connection: connection)
      let old = try models.model(ofStore: previous.id).map(models.projection)
      if let old { try kept.check(reducedBy: old, engine: engine) }
      let addedRows = try AddedRows(
        added, dimensions: dimensions, reducedBy: old, beside: kept.count,
        target: table.dimensions, engine: engine)
      let rows = JoinedRows(sources: [kept, addedRows.originals])
      let fitted = try ModelFit(engine: engine, originals: .always).fit(
        rows, beside: addedRows.remains, kind: kind, target: table.dimensions)
      try fitted.check(minimumRecall: minimumRecall)
      try rewrite(kept, from: old, by: fitted, store: previous.id, engine: engine)
      try others.check(.verification)
      reportLosses(try tables.check())
      hooks.reached(.beforeCommit)
      return (fitted, kept.count, addedRows.withoutOriginal, fitted.projection == old)
    }
    hooks.reached(.afterCommit)
    return result
  }

  /// Refuses a store with rows that were edited in the database; only their vectors would be written
  /// anew, from the originals.
  private func refuseEditedBeforeRewrite(_ previous: LedgerEntry) throws {
    do {
      try refuseEdited(previous)
    } catch let failure as Failure where failure.kind == .database {
      throw Failure(
        .database, failure.reason,
        remedy: "where texts or metadata were changed, --force keeps them and computes the vectors "
          + "from the originals; with --from source or --from backup, --force replaces what was "
          + "changed by the files' contents")
    }
  }

  private func rewrite(
    _ kept: KeptOriginals, from old: Projection?, by fitted: FittedModel, store: Int,
    engine: Engine
  ) throws {
    try AdoptedRows(connection: connection, table: table, name: planned.name, store: store)
      .remember()
    try connection.query(
      """
      UPDATE vector_ferry.stores SET projection_id = NULL, settings = \(settings.text)
      WHERE id = \(store)
      """)
    try connection.query("DELETE FROM vector_ferry.projections WHERE store_id = \(store)")
    var load = self
    load.model = StoreModel(fitted: fitted, shared: nil)
    if let model = load.model { try load.save(model, store: store) }
    let rewritten = try RewrittenVectors(connection: connection, table: table)
    var reducer = Reducer(projection: fitted.projection, engine: engine)
    var sent = try OriginalsDigest()
    try kept.forEachIdentified { ids, rows in
      let vectors = try reducer.withReduced(rows, count: ids.count) { reduced in
        let width = reduced.count / ids.count
        return ids.indices.map { (ids[$0], Array(reduced[$0 * width..<($0 + 1) * width])) }
      }
      for (id, vector) in vectors { try sent.add(id: id, vector: vector) }
      try rewritten.add(vectors, haveOriginals: true)
    }
    if kept.count > 0 { try rewritten.apply(name: planned.name, store: store) }
    try load.convertAdded(from: old, store: store)
    try connection.fireDeferred()
    hooks.reached(.verify)
    try verifyVectors(store, sent: sent)
    try recordFingerprints(store)
  }

  /// Reads the rewritten vectors back and compares them bit for bit with what was sent.
  private func verifyVectors(_ store: Int, sent: OriginalsDigest) throws {
    var found = try OriginalsDigest()
    try connection.copyOut(
      RefitQueries.vectors(
        rows: table.rows, store: store, user: Literal(planned.name.user),
        collection: Literal(planned.name.collection))
    ) { row in
      let id = try row.required()
      var vector: [Float] = []
      _ = try row.required().appendVector(to: &vector)
      if let id = UUIDValue(bytes: id) { try found.add(id: id, vector: vector) }
    }
    guard found.sum == sent.sum else {
      throw Failure(
        .verification,
        "\(sent.sum.count) vectors were rewritten, but different ones were read back",
        remedy: "nothing was committed; look for triggers or rules on the table")
    }
  }

  /// Records the rows' present fingerprints in the ledger; only their vectors have changed.
  private func recordFingerprints(_ store: Int) throws {
    var prints: [(id: UUIDValue, print: DocumentDigest)] = []
    var content = ContentDigest()
    try readBack(store) { row in
      guard let id = row.id, let print = row.fingerprint else {
        throw Failure(.verification, "row \(row.name) cannot be read back")
      }
      prints.append((id, print))
      content.add(print)
    }
    try connection.query(
      """
      CREATE TEMPORARY TABLE vector_ferry_prints (id uuid, fingerprint bytea) ON COMMIT DROP
      """)
    try connection.copyIn(
      QualifiedName(schema: "pg_temp", "vector_ferry_prints"), columns: ["id", "fingerprint"]
    ) { writer in
      for (id, print) in prints {
        try writer.beginRow()
        writer.bytes(id.bytes)
        writer.bytes(print.bytes)
      }
    }
    try connection.query(
      """
      UPDATE vector_ferry.documents d SET fingerprint = n.fingerprint
      FROM pg_temp.vector_ferry_prints n WHERE d.store_id = \(store) AND d.document_id = n.id
      """)
    try connection.query(
      """
      UPDATE vector_ferry.stores
      SET documents = \(content.count), content_digest = \(ByteString(content.bytes))
      WHERE id = \(store)
      """)
  }
}

extension OriginalsDigest {
  fileprivate mutating func add(id: UUIDValue, vector: [Float]) throws {
    try id.bytes.withUnsafeBytes { id in
      try vector.withUnsafeBytes { vector in
        try add(id: id, halfvec: vector, reduced: UnsafeRawBufferPointer(start: nil, count: 0))
      }
    }
  }
}

/// The originals of a store's documents, for documents whose vector in the table was made from the
/// original.
struct KeptOriginals: RowSource {
  let dimensions: Int
  let count: Int
  private let load: StoreLoad
  private let store: Int

  /// Counts the documents; throws where a document has no original of its own, because its reduced
  /// vector could not be computed again.
  init(of load: StoreLoad, store: Int, dimensions: Int) throws {
    self.load = load
    self.store = store
    self.dimensions = dimensions
    var count = 0
    var missing = 0
    try Self.forEachBatch(of: load, store: store) { batch in
      count += batch.count
      missing += batch.count { $0.original?.count != dimensions }
    }
    self.count = count
    guard missing == 0 else {
      throw Failure(
        .source,
        "\(missing) of the store's \(count) documents have no original of their present vectors",
        remedy: "refit the store from its files or their backup (--from source, --from backup); "
          + "--force then replaces documents that were changed in the database")
    }
  }

  /// Refuses originals from which the store's model does not compute the vectors of their rows: they
  /// were changed after they were written.
  func check(reducedBy projection: Projection, engine: Engine) throws {
    var check = OriginalCheck(projection, engine: engine)
    var wrong: [UUIDValue] = []
    try Self.forEachBatch(of: load, store: store) { batch in
      wrong += try check.changed(batch).map(\.id)
    }
    guard let first = wrong.first else { return }
    throw Failure(
      .source,
      "the vectors of \(wrong.count) of the store's \(count) documents cannot come from their "
        + "originals, which were changed (the first document: \(first))",
      remedy: "refit the store from its files or their backup (--from source, --from backup): this "
        + "writes the originals anew")
  }

  func forEachBatch(_ body: (UnsafeBufferPointer<Float>, Int) throws -> Void) throws {
    try forEachIdentified { ids, rows in
      try rows.withUnsafeBufferPointer { try body($0, ids.count) }
    }
  }

  /// Calls `body` with the originals and the ids of their documents, batch by batch.
  func forEachIdentified(_ body: ([UUIDValue], [Float]) throws -> Void) throws {
    try Self.forEachBatch(of: load, store: store) { batch in
      try body(batch.map(\.id), batch.flatMap { $0.original ?? [] })
    }
  }

  private static func forEachBatch(
    of load: StoreLoad, store: Int, _ body: ([AddedDocuments.Added]) throws -> Void
  ) throws {
    var last = -1
    while true {
      var batch: [AddedDocuments.Added] = []
      var digests = try ReducedDigest()
      try load.connection.copyOut(
        RefitQueries.vectorsWithOriginals(
          rows: load.table.rows, store: store, last: last, user: Literal(load.planned.name.user),
          collection: Literal(load.planned.name.collection), limit: BatchSize.documents)
      ) { row in
        last = Int(try row.required().int64())
        if let document = try AddedDocuments.read(&row, &digests) { batch.append(document) }
      }
      if batch.isEmpty { return }
      try body(batch)
    }
  }
}
