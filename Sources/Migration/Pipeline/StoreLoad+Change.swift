internal import Layouts
internal import Digests
internal import Ledger
internal import Postgres
internal import Stores
internal import Unlisted

extension StoreLoad {
  /// A document with the vector that its row must have.
  typealias Wanted = (document: Document, vector: UnsafeBufferPointer<Float>)

  private static let changed = QualifiedName(schema: "pg_temp", "vector_ferry_changed")

  /// Changes existing rows to match the documents with the same ids.
  ///
  /// Rows of other tables that refer to these rows stay, and columns that this program does not
  /// write keep their values. A document without a time stamp does not change the row's time stamp.
  func change(_ wanted: [Wanted], references: ReferenceGuard) throws {
    guard !wanted.isEmpty else { return }
    let documents = wanted.map(\.document)
    let changed: Int
    do {
      try stage(wanted)
      changed = try references.watch(.update, of: "documents that are changed") {
        try connection.asApplication { try update(documents) }
      }
    } catch {
      throw refusal(error, of: documents, copiedInto: Self.changed)
    }
    guard changed == wanted.count else {
      throw Failure(
        .database,
        "\(wanted.count) rows should have been changed, but the server changed \(changed)",
        remedy:
          "nothing of this store was changed; look for triggers, rules or policies on the table")
    }
    try connection.query("TRUNCATE \(Self.changed)")
  }

  private func update(_ documents: [Document]) throws -> Int {
    let scope: SQL = """
      \(table.row.key) OPERATOR(pg_catalog.=) n.id
      AND \(table.row.key) OPERATOR(pg_catalog.=) ANY (\(documents.map(\.id).array))
      AND \(table.row.isOf(planned.name))
      """
    let hasSameText: SQL = """
      coalesce(pg_catalog.convert_to(\(table.row.text), 'UTF8')
        OPERATOR(pg_catalog.=) pg_catalog.convert_to(n.text, 'UTF8'), false)
      """
    let others: SQL = """
      \(table.layout.vector) = n.embedding, \(table.layout.metadata) = n.metadata,
      \(table.layout.time) = coalesce(n.created_at, \(table.row.time))
      """
    // Two statements: a trigger on texts must not fire for rows whose texts stay the same. Rows
    // with other texts come second, because after the update they would also count as having the
    // same text.
    let withoutText = try connection.query(
      "UPDATE \(table.name) t SET \(others) FROM \(Self.changed) n WHERE \(scope) AND \(hasSameText)"
    ).affectedRows
    if withoutText == documents.count { return withoutText }
    let withText = try connection.query(
      """
      UPDATE \(table.name) t SET \(table.layout.text) = n.text, \(others) FROM \(Self.changed) n
      WHERE \(scope) AND NOT \(hasSameText)
      """
    ).affectedRows
    return withoutText + withText
  }

  private func stage(_ wanted: [Wanted]) throws {
    try connection.query(
      """
      CREATE TEMPORARY TABLE IF NOT EXISTS vector_ferry_changed ON COMMIT DROP AS
      SELECT id, text, embedding, metadata, created_at FROM \(table.rows) WITH NO DATA
      """)
    try connection.copyIn(
      Self.changed, columns: ["id", "text", "embedding", "metadata", "created_at"]
    ) { writer in
      for (document, vector) in wanted {
        try writer.beginRow()
        writer.bytes(document.id.bytes)
        writer.text(document.text)
        writer.vector(vector)
        writer.jsonb(document.metadata)
        if let createdAt = document.createdAt { writer.int64(createdAt) } else { writer.null() }
      }
    }
  }
}
