internal import Ledger
internal import Digests
internal import Postgres
internal import Schema
internal import Stores

extension StoreLoad {
  /// What was sent, and what was not because the application had left its own there.
  struct Sent {
    var digest = ContentDigest()
    var kept = KeptDocuments()
    var adopted = AdoptionReport()
    /// Rows that are new to the table.
    var inserted = 0
    /// Rows that were taken away to be written anew.
    var removed = 0
  }

  /// Streams the store into the table and the ledger, batch by batch; returns what was sent.
  func copy(
    _ reader: StoreReader, store: Int, beside: RowsBeside, originals: inout OriginalsDigest,
    progress: (Int) -> Void
  ) throws -> Sent {
    let target = try stagingTable() ?? table.name
    let standing = try StandingRows(connection: connection, table: table, name: planned.name)
    // Documents without a time stamp of their own get the transaction's.
    let now: Postgres.Timestamp? = try connection.scalar("SELECT now()")
    let fallback = now?.microseconds ?? 0
    var reducer = reducer
    var batch = DocumentBatch()
    var sent = Sent()
    let fingerprinter = try Fingerprinter()
    while try reader.next(&batch, limit: BatchSize.documents) {
      let pairs = try beside.adoption?.rows(of: batch.documents) ?? [:]
      if force {
        sent.removed += try standing.remove(batch.documents.filter { pairs[$0.id] == nil })
      }
      let documents = batch.documents.map { $0.standing(in: pairs[$0.id]?.row) }
      let taken = Set(pairs.values.lazy.map(\.row))
      var listed: [(Document, DocumentDigest)] = []
      try reducer.withReduced(batch.vectors, count: batch.documents.count) { rows in
        try write(documents, rows: rows, to: target, fallback: fallback) { document, vector in
          let fingerprint = try fingerprinter.fingerprint(document, vector: vector)
          let judgement: StandingRows.Judgement =
            if beside.kept.contains(document.id) {
              .different
            } else if taken.contains(document.id) {
              .same
            } else {
              force ? .absent : standing.judge(document, fingerprint)
            }
          if judgement == .different {
            sent.kept.add(document.id.description)
          } else {
            sent.digest.add(fingerprint)
            listed.append((document, fingerprint))
          }
          if judgement == .absent { sent.inserted += 1 }
          return judgement == .absent
        }
        if let adoption = beside.adoption, !pairs.isEmpty {
          try adoption.takeOver(
            documents, rows: rows, pairs: pairs.filter { !beside.kept.contains($1.row) },
            store: store, run: run, report: &sent.adopted)
        }
        if keepsOriginals {
          try keepOriginals(
            of: batch, documents: documents, listed: Set(listed.map(\.0.id)), reduced: rows,
            store: store, sent: &originals)
        }
      }
      try record(listed, store: store)
      progress(sent.digest.count)
      hooks.reached(.copying)
    }
    return sent
  }

  /// Writes the documents of a batch for which `isWanted` says so.
  private func write(
    _ documents: [Document], rows: UnsafeBufferPointer<Float>, to target: QualifiedName,
    fallback: Int64, isWanted: (Document, UnsafeBufferPointer<Float>) throws -> Bool
  ) throws {
    let width = documents.isEmpty ? 0 : rows.count / documents.count
    var written: [Document] = []
    do {
      func copy() throws -> Int {
        try connection.copyIn(target, columns: VectorTable.loadedColumns) { writer in
          for (index, document) in documents.enumerated() {
            let vector = UnsafeBufferPointer(rebasing: rows[index * width..<(index + 1) * width])
            guard try isWanted(document, vector) else { continue }
            written.append(document)
            try writer.beginRow()
            writer.bytes(document.id.bytes)
            writer.text(planned.name.user)
            writer.text(planned.name.collection)
            writer.text(document.text)
            writer.vector(vector)
            writer.jsonb(document.metadata)
            writer.int64(document.createdAt ?? fallback)
          }
        }
      }
      // Nothing of the application's fires where rows are staged.
      _ = try target == table.name ? connection.asApplication(copy) : copy()
    } catch {
      throw refusal(error, of: written, copiedInto: target)
    }
    if target != table.name { try empty(target, of: written) }
  }

  /// Lists the batch in the ledger, in the same transaction as its rows.
  private func record(_ documents: [(Document, DocumentDigest)], store: Int) throws {
    try connection.copyIn(
      QualifiedName(schema: FerrySchema.name, "documents"),
      columns: ["store_id", "document_id", "position", "fingerprint", "has_timestamp"]
    ) { writer in
      for (document, fingerprint) in documents {
        try writer.beginRow()
        writer.int64(Int64(store))
        writer.bytes(document.id.bytes)
        writer.int64(Int64(document.position))
        writer.bytes(fingerprint.bytes)
        writer.bytes([document.createdAt == nil ? 0 : 1])
      }
    }
  }

  /// A temporary table to copy into where row-level security forbids COPY into the real one.
  private func stagingTable() throws -> QualifiedName? {
    guard table.hasActiveRowSecurity else { return nil }
    let columns = SQL.joined(VectorTable.loadedColumns.map { "\($0)" }, separator: ", ")
    try connection.query(
      """
      CREATE TEMPORARY TABLE vector_ferry_staging ON COMMIT DROP AS
      SELECT \(columns) FROM \(table.name) WITH NO DATA
      """)
    return QualifiedName(schema: "pg_temp", "vector_ferry_staging")
  }

  /// Moves the staged rows on, under the policies that bind the role.
  private func empty(_ staging: QualifiedName, of documents: [Document]) throws {
    let columns = SQL.joined(VectorTable.loadedColumns.map { "\($0)" }, separator: ", ")
    do {
      try connection.asApplication {
        try connection.query(
          "INSERT INTO \(table.name) (\(columns)) SELECT \(columns) FROM \(staging)")
      }
    } catch {
      throw refusal(error, of: documents, copiedInto: staging)
    }
    try connection.query("TRUNCATE \(staging)")
  }
}
