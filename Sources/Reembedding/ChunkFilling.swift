internal import Layouts
internal import Postgres

/// Reads the chunks of claimed contents, and writes the chunks' embeddings and the contents'
/// states.
struct ChunkFilling {
  let connection: Connection
  let set: ChunkSet
  let model: String
  let modelVersion: String

  /// The number of chunks that are read, embedded and written together.
  static let page = 128

  /// A part of a text (a row of vector_embedding) that has no embedding.
  struct Chunk {
    let id: Int
    let content: Int
    let text: String
    /// The hash by which the server checks that the text has not changed since it was embedded.
    let hash: String

    /// The name of the chunk in messages.
    var label: String { "chunk \(id)" }
  }

  /// The chunks that are handled in one transaction.
  struct Page {
    let chunks: [Chunk]
    /// The contents whose last chunk is in this page.
    let ending: [Int]
  }

  /// Returns the chunks that follow `last` in these contents, content by content; nil where there
  /// are none.
  func page(of contents: some Sequence<Int>, after last: Chunk?) throws(PostgresError) -> Page? {
    let rows = try connection.query(
      ChunkQueries.page(
        chunks: set.table.name, contents: ContentClaims.list(contents), lastContent: last?.content,
        lastId: last?.id, limit: Self.page + 1))
    let found = try rows.map { (row) throws(PostgresError) in
      Chunk(
        id: try rows.value(row, 0), content: try rows.value(row, 1),
        text: try rows.value(row, 2), hash: try rows.value(row, 3))
    }
    guard !found.isEmpty else { return nil }
    let chunks = Array(found.prefix(Self.page))
    // The query reads one chunk more than a page, which shows the content that continues after the
    // page.
    let goesOn = found.dropFirst(Self.page).first?.content
    return Page(
      chunks: chunks, ending: Set(chunks.map(\.content)).filter { $0 != goesOn }.sorted())
  }

  /// Writes embeddings into chunks that still have none and whose text is unchanged; returns the
  /// number of written embeddings.
  func write(_ vectors: [(chunk: Chunk, vector: [Float])]) throws -> Int {
    guard !vectors.isEmpty else { return 0 }
    let origin: SQL =
      set.hasModelColumns
      ? "model_name = \(model), model_version = \(modelVersion)"
      : """
      metadata = coalesce(e.metadata, '{}'::pg_catalog.jsonb) OPERATOR(pg_catalog.||)
        pg_catalog.jsonb_build_object('model_name', \(model)::pg_catalog.text,
                                      'model_version', \(modelVersion)::pg_catalog.text)
      """
    let rows = vectors.map { chunk, vector -> SQL in
      "(\(chunk.id), \(chunk.hash), \(VectorValue(vector))::\(set.vector))"
    }
    return try connection.asApplication {
      try connection.query(
        ChunkQueries.fill(
          chunks: set.table.name, origin: origin, rows: SQL.joined(rows, separator: ", "))
      ).affectedRows
    }
  }

  /// Marks contents as completed where every chunk has its embedding, and the other contents as
  /// pending.
  ///
  /// - Returns: the number of contents that were marked as completed.
  func complete(_ contents: [Int]) throws -> Int {
    try connection.asApplication {
      let done = try connection.query(
        ChunkQueries.complete(
          contents: set.contents, completed: Literal(set.states.completed), chunks: set.table.name,
          ids: ContentClaims.list(contents), processing: set.states.processing))
      try connection.query(
        """
        UPDATE \(set.contents) SET status = \(Literal(set.states.pending))
        WHERE id OPERATOR(pg_catalog.=) ANY (\(ContentClaims.list(contents)))
          AND status::pg_catalog.text OPERATOR(pg_catalog.=) \(set.states.processing)
        """)
      return done.affectedRows
    }
  }

  /// Marks a content as failed, with the reason in its metadata.
  func fail(_ content: Int, _ reason: String) throws {
    try connection.asApplication {
      try connection.query(
        ChunkQueries.fail(
          contents: set.contents, failed: Literal(set.states.failed), reason: reason, id: content,
          processing: set.states.processing))
    }
  }
}
