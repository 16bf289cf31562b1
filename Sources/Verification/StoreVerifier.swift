internal import Models
internal import Ledger
internal import Digests
internal import Postgres
internal import Layouts
internal import OwnSchema
internal import Stores
internal import Unlisted
internal import VectorMath

/// Compares one store in the database with its files, batch by batch, and writes nothing.
///
/// The whole comparison uses a single snapshot: it runs in one READ ONLY transaction. Memory holds
/// one batch of documents, and the ids of the whole store only where the counts differ.
struct StoreVerifier {
  let connection: Connection
  let table: VectorTable
  let recorded: RecordedStore
  let reader: StoreReader
  let model: StoreModel?
  let engine: () throws -> Engine
  let isInterrupted: @Sendable () -> Bool
  let progress: (Int) -> Void

  /// Compares everything, and adds the findings to `result`.
  func verify(into result: inout StoreVerification) throws {
    try checkLedger(&result)
    result.counts.source = reader.documentCount
    let found = try compareDocuments(&result)
    result.counts.table = try rowsInTable()
    var unexpected = 0
    if found.listed != result.counts.ledger {
      unexpected = try findUnexpected(&result)
    }
    try countUnlisted(
      beyond: result.counts.table - found.present - unexpected, &result)
    checkVisibility(&result)
  }

  /// Checks that the ledger is consistent: the number of documents, and the sum of their
  /// fingerprints.
  private func checkLedger(_ result: inout StoreVerification) throws {
    var digest = ContentDigest()
    try connection.copyOut(
      """
      SELECT fingerprint FROM vector_ferry.documents WHERE store_id = \(number: recorded.id)
      """
    ) { row in
      if let fingerprint = DocumentDigest(bytes: try row.required()) { digest.add(fingerprint) }
    }
    result.counts.ledger = digest.count
    if digest.count != recorded.documents {
      result.problems.append(
        "the ledger records \(recorded.documents) documents, but lists \(digest.count)")
    } else if digest.bytes != recorded.contentDigest {
      result.problems.append(
        "the sum of the ledger's fingerprints differs from the ledger's content digest")
    }
  }

  private struct Found {
    /// The number of documents of the files that the ledger lists.
    var listed = 0
    /// The number of documents of the files that are in the table.
    var present = 0
  }

  private func compareDocuments(_ result: inout StoreVerification) throws -> Found {
    let comparison = try DocumentComparison(allowsRounding: model != nil)
    if try reader.countOfMissingVectors() > 0 {
      return try compareWithoutVectors(comparison, &result)
    }
    var reducer = try reducer()
    let keepsOriginals =
      try recorded.settings.keepsOriginals && model != nil
      && OriginalsTable.exists(on: connection)
    let halves = keepsOriginals ? try self.reducer() : nil
    let originals = keepsOriginals ? try OriginalComparison() : nil
    var batch = DocumentBatch()
    var found = Found()
    reader.rewind()
    while try reader.next(&batch, limit: BatchSize.documents) {
      if isInterrupted() { throw Failure(.interrupted, "interrupted") }
      try reducer.withReduced(batch.vectors, count: batch.count) { vectors in
        var halved = HalvedVectors(of: batch, reducer: halves)
        try compare(batch.documents, vectors, comparison, &halved, originals, &found, &result)
      }
      progress(reader.position)
    }
    result.counts.exactVectors = comparison.exactVectors
    result.counts.roundedVectors = comparison.roundedVectors
    result.counts.halvedVectors = comparison.halvedVectors
    result.counts.originals = originals?.same ?? 0
    if let problem = originals?.problem { result.problems.append(problem) }
    return found
  }

  /// Compares texts and metadata with the files, and the rows only with the fingerprints of what
  /// was written.
  ///
  /// This is done where a service made the vectors, and the cache does not have all of them.
  private func compareWithoutVectors(
    _ comparison: DocumentComparison, _ result: inout StoreVerification
  ) throws -> Found {
    var found = Found()
    var halved = HalvedVectors(of: DocumentBatch(), reducer: nil)
    try reader.forEachDocuments(limit: BatchSize.documents) { documents in
      if isInterrupted() { throw Failure(.interrupted, "interrupted") }
      try compare(documents, nil, comparison, &halved, nil, &found, &result)
      progress(found.listed)
    }
    result.notLookedAt.append(
      "vectors: the cache of embeddings has none of \(try reader.countOfMissingVectors()) of the "
        + "store's \(reader.documentCount) texts, so the rows' vectors were compared only with the "
        + "fingerprints of what was written")
    if recorded.settings.keepsOriginals {
      result.notLookedAt.append("kept originals: they are compared with the same vectors")
    }
    return found
  }

  private func compare(
    _ documents: [Document], _ vectors: UnsafeBufferPointer<Float>?,
    _ comparison: DocumentComparison, _ halved: inout HalvedVectors,
    _ originals: OriginalComparison?, _ found: inout Found, _ result: inout StoreVerification
  ) throws {
    let width = (vectors?.count ?? 0) / max(1, documents.count)
    var indices: [UUIDValue: Int] = [:]
    for (index, document) in documents.enumerated() { indices[document.id] = index }
    try connection.copyOut(query(for: documents, withOriginals: originals != nil)) { row in
      let own = try row.required()
      let id = try row.required()
      let isAdopted = try row.required().first == 1
      let recorded = try row.next().flatMap { DocumentDigest(bytes: $0) }
      let hasTimestamp = try row.next()?.first == 1
      if recorded != nil { found.listed += 1 }
      guard let index = UUIDValue(bytes: own).flatMap({ indices[$0] }) else { return }
      let document = documents[index].withID(of: UUIDValue(bytes: id))
      if isAdopted { result.counts.adopted += 1 }
      guard try row.next() != nil, let text = try row.next() else {
        result.differences.add(
          DocumentDifference(
            kind: .missing, id: document.id.description, position: document.position, parts: []))
        return
      }
      found.present += 1
      let metadata = try row.next()
      let createdAt = try row.next()?.int64()
      let vector = try row.next() ?? UnsafeRawBufferPointer(start: nil, count: 0)
      let stored = DocumentComparison.Row(
        id: id, recorded: recorded, hasTimestamp: hasTimestamp, text: text, metadata: metadata,
        createdAt: createdAt, vector: vector)
      let expected = vectors.map {
        UnsafeBufferPointer(rebasing: $0[index * width..<(index + 1) * width])
      }
      let difference = try comparison.difference(document, vector: expected, stored) {
        try halved.vector(index)
      }
      if let difference { result.differences.add(difference) }
      // The original of a row with another vector belongs to that vector, or to none.
      guard let originals, difference?.parts.contains(.vector) != true else { return }
      let original = try row.next()
      let digest = try row.next()
      try originals.compare(
        original.flatMap { field in digest.map { (field, $0) } }, row: vector, of: document,
        halved.original(index))
    }
  }

  /// Returns the query for the ledger's entry and the table's row of each document.
  private func query(for documents: [Document], withOriginals: Bool) -> SQL {
    let ids = documents.map(\.id.description).joined(separator: ",")
    let join: SQL =
      withOriginals
      ? """
      LEFT JOIN vector_ferry.originals o
        ON o.store_id = \(number: recorded.id) AND o.document_id = t.id
      """ : ""
    return VerificationQueries.documents(
      ids: Literal("{\(ids)}"), store: recorded.id, rows: table.rows,
      original: withOriginals ? ", o.embedding, o.reduced_digest" : "", join: join,
      user: Literal(recorded.name.user), collection: Literal(recorded.name.collection))
  }

  /// Finds rows in the table that the ledger lists, but whose documents are not in the files;
  /// returns the number of these rows.
  private func findUnexpected(_ result: inout StoreVerification) throws -> Int {
    var known: Set<UUIDValue> = []
    try reader.forEachDocuments(limit: BatchSize.documents) { documents in
      if isInterrupted() { throw Failure(.interrupted, "interrupted") }
      for document in documents { known.insert(document.id) }
    }
    var unexpected = 0
    try connection.copyOut(
      VerificationQueries.listedRows(
        rows: table.rows, user: Literal(recorded.name.user),
        collection: Literal(recorded.name.collection), store: recorded.id)
    ) { row in
      guard let id = UUIDValue(bytes: try row.required()),
        let own = UUIDValue(bytes: try row.required()), !known.contains(own)
      else { return }
      unexpected += 1
      result.differences.add(
        DocumentDifference(kind: .unexpected, id: id.description, position: nil, parts: []))
    }
    return unexpected
  }

  /// Counts the rows that existed before the store was migrated, the rows that the application
  /// added, and among both those that have the text of a document; `rows` is the number of rows
  /// that the ledger does not list.
  private func countUnlisted(beyond rows: Int, _ result: inout StoreVerification) throws {
    guard rows > 0 else { return }
    result.counts.alongside = try AlongsideRows(connection: connection, store: recorded.id)
      .count(in: table, name: recorded.name)
    result.counts.added = max(0, rows - result.counts.alongside)
    try LedgerReader(connection: connection, table: table).preferHashJoins()
    let scope = UnlistedScope(
      table: table, name: recorded.name, schemaVersion: FerrySchema.currentVersion)
    (result.counts.doubles, result.counts.addedDoubles) = try scope.doubles(
      ofStore: recorded.id, on: connection)
  }

  private func rowsInTable() throws(PostgresError) -> Int {
    try connection.scalar(
      """
      SELECT count(*) FROM \(table.rows)
      WHERE user_id = \(recorded.name.user) AND collection_name = \(recorded.name.collection)
      """) ?? 0
  }

  /// Reports that row-level security may hide rows: hidden rows look like missing ones.
  private func checkVisibility(_ result: inout StoreVerification) {
    guard table.hasActiveRowSecurity else { return }
    if result.counts.table == 0 {
      result.problems.append(
        "row-level security is active and not one row is visible to this role: nothing is verified")
    } else if result.differences.tally[.missing] != nil {
      result.notes.append(
        "row-level security is active: rows that this role may not see count as missing")
    } else {
      // Rows of the application may be hidden; all rows of the ledger were seen.
      result.notLookedAt.append("rows that row-level security may hide from this role")
    }
  }

  /// Returns the reducer that gives the files' vectors the table's dimension, as the run did.
  func reducer() throws -> Reducer {
    if let model { return Reducer(model, engine: try engine()) }
    let source = reader.dimensions
    if source == table.dimensions || source == 0 { return Reducer(.none) }
    guard source < table.dimensions else {
      throw Failure(
        .verification,
        "the store's vectors have \(source) dimensions, the table takes \(table.dimensions), "
          + "and no projection is kept for the store",
        remedy: "migrate the store again: migrate --force \(recorded.name.options)")
    }
    return Reducer(.extend(from: source, to: table.dimensions))
  }
}
