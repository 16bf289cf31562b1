internal import Models
internal import Ledger
internal import Digests
internal import Postgres
internal import Layouts
internal import OwnSchema
internal import Stores
internal import Unlisted

extension StoreLoad {
  /// The result of sending a store: the sent documents, and those that were not sent because the
  /// application's own rows were kept.
  struct Sent {
    var digest = ContentDigest()
    var kept = KeptDocuments()
    var adopted = AdoptionReport()
    /// The number of rows that were added to the table.
    var inserted = 0
  }

  /// Writes the store into the table and the ledger, batch by batch; returns the result.
  func copy(
    _ reader: StoreReader, store: Int, own: OwnRows?, references: ReferenceGuard,
    beside: RowsBeside, state: CollectionState, originals: inout OriginalsDigest,
    progress: (Int) -> Void
  ) throws -> Sent {
    let target = try stagingTable() ?? table.name
    let existing = try ExistingRows(
      connection: connection, table: table, name: planned.name, own: own, state: state)
    var reducer = reducer
    var sent = Sent()
    let fingerprinter = try Fingerprinter()
    let ahead = beside.adoption == nil ? try Fingerprinter() : nil
    // Reading, reducing and hashing go on while the server receives the previous rows.
    try ReadAhead.run {
      try PreparedBatch.next(of: reader, &reducer, measurement: model?.measurement, ahead)
    } use: { prepared in
      let batch = prepared.batch
      let pairs = try beside.adoption?.rows(of: batch.documents) ?? [:]
      let documents = batch.documents.map { $0.withID(of: pairs[$0.id]?.row) }
      let taken = Set(pairs.values.lazy.map(\.row))
      let found = try existing.rows(of: documents.filter { !taken.contains($0.id) })
      var listed: [(Document, DocumentDigest)] = []
      let width = prepared.width
      try prepared.rows.withUnsafeBufferPointer { rows in
        var new: [Wanted] = []
        var changed: [Wanted] = []
        for (index, document) in documents.enumerated() {
          let vector = UnsafeBufferPointer(rebasing: rows[index * width..<(index + 1) * width])
          let fingerprint =
            try prepared.fingerprints?[index]
            ?? fingerprinter.fingerprint(document, vector: vector)
          let decision: ExistingRows.Decision =
            if beside.kept.contains(document.id) {
              .different
            } else if taken.contains(document.id) {
              .same
            } else {
              found[document.id].decide(fingerprint, force: force)
            }
          switch decision {
          case .absent: new.append((document, vector))
          case .changed: changed.append((document, vector))
          case .same: break
          case .different:
            sent.kept.add(document.id.description)
            continue
          }
          sent.digest.add(fingerprint)
          listed.append((document, fingerprint))
        }
        // Changes come before additions: a new row may need a unique value that a changed row had
        // before.
        try change(changed, references: references)
        try write(new, to: target, fallback: state.now)
        sent.inserted += new.count
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

  /// Adds documents to the table as new rows.
  private func write(_ new: [Wanted], to target: QualifiedName, fallback: Int64) throws {
    guard !new.isEmpty else { return }
    let documents = new.map(\.document)
    do {
      func copy() throws -> Int {
        try connection.copyIn(target, columns: table.layout.loaded) { writer in
          for (document, vector) in new {
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
      // No trigger of the application fires on the staging table.
      _ = try target == table.name ? connection.asApplication(copy) : copy()
    } catch {
      throw refusal(error, of: documents, copiedInto: target)
    }
    if target != table.name { try empty(target, of: documents) }
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

  /// Creates a temporary table as the target of COPY where row-level security forbids COPY into the
  /// real table; returns nil where COPY is allowed.
  private func stagingTable() throws -> QualifiedName? {
    guard table.hasActiveRowSecurity else { return nil }
    let columns = SQL.joined(table.layout.loaded.map { "\($0)" }, separator: ", ")
    try connection.query(
      """
      CREATE TEMPORARY TABLE vector_ferry_staging ON COMMIT DROP AS
      SELECT \(columns) FROM \(table.name) WITH NO DATA
      """)
    return QualifiedName(schema: "pg_temp", "vector_ferry_staging")
  }

  /// Moves the rows of the temporary table into the table of documents, so that the policies of
  /// row-level security apply to them.
  private func empty(_ staging: QualifiedName, of documents: [Document]) throws {
    let columns = SQL.joined(table.layout.loaded.map { "\($0)" }, separator: ", ")
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
