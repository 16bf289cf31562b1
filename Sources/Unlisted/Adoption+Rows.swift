package import Digests
internal import Layouts
internal import Ledger
package import Machine
internal import Postgres
package import Stores

extension Adoption {
  /// A document, the adopted row that holds it, and the values that the row must get.
  struct Taken {
    /// The document, with the row's id in place of the document's own id.
    let document: Document
    /// The vector that the row must have.
    let vector: UnsafeBufferPointer<Float>
    /// The parts of the row that differ from the files.
    let parts: [DocumentDifference.Part]
    /// The row's time, which stays where the files have no time for the document; nil where the row
    /// has no time.
    let createdAt: Int64?
  }

  static let staging = QualifiedName(schema: "pg_temp", "vector_ferry_taken")

  /// Compares documents with the rows that hold them; returns the results in the documents' order.
  ///
  /// Each document must have the id of its row, and comes with the vector that the row must have.
  func compare(_ documents: [(document: Document, vector: UnsafeBufferPointer<Float>)]) throws
    -> [Taken]
  {
    guard !documents.isEmpty else { return [] }
    let comparison = try DocumentComparison(allowsRounding: false)
    var indices: [UUIDValue: Int] = [:]
    for (index, wanted) in documents.enumerated() { indices[wanted.document.id] = index }
    var found: [Int: Taken] = [:]
    try connection.copyOut(
      """
      SELECT id, text, metadata, created_at, embedding FROM \(table.rows)
      WHERE id = ANY (\(documents.map(\.document.id).array))
        AND user_id = \(Literal(name.user)) AND collection_name = \(Literal(name.collection))
      """
    ) { row in
      let id = try row.required()
      let text = try row.next()
      let metadata = try row.next()
      let createdAt = try row.next()?.int64()
      let embedding = try row.next()
      guard let index = UUIDValue(bytes: id).flatMap({ indices[$0] }) else { return }
      let nothing = UnsafeRawBufferPointer(start: nil, count: 0)
      let stored = DocumentComparison.Row(
        id: id, recorded: nil, hasTimestamp: createdAt != nil, text: text ?? nothing,
        metadata: metadata, createdAt: createdAt, vector: embedding ?? nothing)
      let (document, vector) = documents[index]
      var parts = try comparison.differingParts(document, vector, stored)
      if text == nil, !parts.contains(.text) { parts.append(.text) }
      found[index] = Taken(
        document: document, vector: vector, parts: parts, createdAt: createdAt)
    }
    guard found.count == documents.count else {
      throw Failure(
        .database,
        "\(documents.count - found.count) rows that should be taken over do not exist any more",
        remedy: "run again")
    }
    return documents.indices.compactMap { found[$0] }
  }

  /// Records the earlier contents of rows, unless an earlier adoption has done so, and changes the
  /// rows to match the files.
  func replace(_ taken: [Taken], store: Int, run: RunID) throws {
    guard !taken.isEmpty else { return }
    try stage(taken)
    let ids = taken.map(\.document.id).array
    let isTaken = { (row: DocumentColumns) -> SQL in
      """
      \(row.key) OPERATOR(pg_catalog.=) n.id AND \(row.key) OPERATOR(pg_catalog.=) ANY (\(ids))
      AND \(row.isOf(name))
      """
    }
    let scope = isTaken(table.row)
    try connection.query(
      AdoptionQueries.keepReplaced(
        store: store, run: run.uuid, rows: table.rows, isTaken: isTaken(.shared)))
    let changed = try connection.asApplication {
      try connection.query(
        AdoptionQueries.replace(
          table: table.name, vector: table.layout.vector, metadata: table.layout.metadata,
          time: table.layout.time, isTaken: scope)
      ).affectedRows
    }
    guard changed == taken.count else {
      throw Failure(
        .database,
        "\(taken.count) rows should have been taken over, but the server changed \(changed)",
        remedy:
          "nothing of this store was changed; look for triggers, rules or policies on the table")
    }
    // A separate statement: a trigger on texts must not fire for rows whose texts stay the same.
    if taken.contains(where: { $0.parts.contains(.text) }) {
      try connection.asApplication {
        try connection.query(
          """
          UPDATE \(table.name) t SET \(table.layout.text) = n.text FROM \(Self.staging) n
          WHERE \(scope) AND n.text IS NOT NULL
          """)
      }
    }
    try connection.query("TRUNCATE \(Self.staging)")
  }

  private func stage(_ taken: [Taken]) throws {
    try connection.query(
      """
      CREATE TEMPORARY TABLE IF NOT EXISTS vector_ferry_taken ON COMMIT DROP AS
      SELECT id, text, embedding, metadata, created_at FROM \(table.rows) WITH NO DATA
      """)
    try connection.copyIn(
      Self.staging, columns: ["id", "text", "embedding", "metadata", "created_at"]
    ) { writer in
      for row in taken {
        try writer.beginRow()
        writer.bytes(row.document.id.bytes)
        if row.parts.contains(.text) { writer.text(row.document.text) } else { writer.null() }
        writer.vector(row.vector)
        writer.jsonb(row.document.metadata)
        if let createdAt = row.document.createdAt ?? row.createdAt {
          writer.int64(createdAt)
        } else {
          writer.null()
        }
      }
    }
  }

  /// Records in the ledger the rows that were adopted unchanged.
  package func keep(store: Int, run: RunID) throws {
    try connection.query(AdoptionQueries.keep(store: store, run: run.uuid))
  }
}

extension Adoption {
  /// Changes rows to match the documents of a batch that are paired with them, and adds to the
  /// report what was done with rows that this run adopts.
  ///
  /// - Parameters:
  ///   - documents: the batch; paired documents have the ids of their rows.
  ///   - rows: the vectors of the documents.
  package func takeOver(
    _ documents: [Document], rows: UnsafeBufferPointer<Float>, pairs: [UUIDValue: Pair], store: Int,
    run: RunID, report: inout AdoptionReport
  ) throws {
    let width = documents.isEmpty ? 0 : rows.count / documents.count
    let isNew = Dictionary(
      pairs.values.map { ($0.row, $0.isNew) }, uniquingKeysWith: { first, _ in first })
    let wanted = documents.enumerated().filter { isNew[$1.id] != nil }.map { index, document in
      (document, UnsafeBufferPointer(rebasing: rows[index * width..<(index + 1) * width]))
    }
    let taken = try compare(wanted)
    try replace(taken.filter { !$0.parts.isEmpty }, store: store, run: run)
    for row in taken where isNew[row.document.id] == true {
      report.rows.append(
        .init(
          id: row.document.id.description, position: row.document.position,
          action: row.parts.isEmpty ? .kept : .replaced(row.parts)))
    }
  }
}

extension Document {
  /// Returns the document with the id of the row that holds it; returns the document unchanged
  /// where `row` is nil.
  package func withID(of row: UUIDValue?) -> Document {
    guard let row else { return self }
    var document = self
    document.id = row
    return document
  }
}
