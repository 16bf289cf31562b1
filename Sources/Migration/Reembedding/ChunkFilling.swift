internal import Embedding
internal import Postgres

/// Reads chunks of claimed contents, and writes their embeddings and the contents' states.
struct ChunkFilling {
  let connection: Connection
  let set: ChunkSet
  let model: String
  let modelVersion: String

  /// Chunks that are read, embedded and written together.
  static let page = 128

  /// A chunk without an embedding.
  struct Chunk {
    let id: Int
    let content: Int
    let text: String
    /// A hash by which the server tells that the text is still the one that was embedded.
    let hash: String

    /// What it is called in messages.
    var label: String { "chunk \(id)" }
  }

  /// Chunks that are dealt with in one transaction, with the contents that end with them.
  struct Page {
    let chunks: [Chunk]
    /// The contents of which no chunk follows.
    let ending: [Int]
  }

  /// The next chunks of some contents behind one, content by content; nil where there are none.
  func page(of contents: some Sequence<Int>, after last: Chunk?) throws(PostgresError) -> Page? {
    let rows = try connection.query(
      """
      SELECT id, content_id, chunk_text, md5(chunk_text) FROM vector_embedding
      WHERE content_id = ANY (\(ContentClaims.list(contents))) AND embedding IS NULL
        AND (\(last?.content)::bigint IS NULL
             OR (content_id, id) > (\(last?.content)::bigint, \(last?.id)::bigint))
      ORDER BY content_id, id LIMIT \(Self.page + 1)
      """)
    let found = try rows.map { (row) throws(PostgresError) in
      Chunk(
        id: try rows.value(row, 0), content: try rows.value(row, 1),
        text: try rows.value(row, 2), hash: try rows.value(row, 3))
    }
    guard !found.isEmpty else { return nil }
    let chunks = Array(found.prefix(Self.page))
    // One more than a page shows which content goes on behind it.
    let goesOn = found.dropFirst(Self.page).first?.content
    return Page(
      chunks: chunks, ending: Set(chunks.map(\.content)).filter { $0 != goesOn }.sorted())
  }

  /// Writes embeddings where nobody has written one or changed the text; tells how many.
  func write(_ vectors: [(chunk: Chunk, vector: [Float])]) throws(PostgresError) -> Int {
    guard !vectors.isEmpty else { return 0 }
    let origin: SQL =
      set.hasModelColumns
      ? "model_name = \(model), model_version = \(modelVersion)"
      : """
      metadata = coalesce(metadata, '{}') || jsonb_build_object(
        'model_name', \(model)::text, 'model_version', \(modelVersion)::text)
      """
    let rows = vectors.map { chunk, vector -> SQL in
      "(\(chunk.id), \(chunk.hash), \(VectorValue(vector))::vector)"
    }
    let result = try connection.query(
      """
      UPDATE vector_embedding e SET embedding = v.vector, \(origin)
      FROM (VALUES \(SQL.joined(rows, separator: ", "))) v (id, hash, vector)
      WHERE e.id = v.id AND e.embedding IS NULL AND md5(e.chunk_text) = v.hash
      """)
    return result.affectedRows
  }

  /// Marks contents as complete if every chunk has its embedding, as waiting where one has not.
  ///
  /// - Returns: how many are complete.
  func complete(_ contents: [Int]) throws(PostgresError) -> Int {
    let done = try connection.query(
      """
      UPDATE indexed_content c
      SET status = \(Literal(set.states.completed)), indexed_at = now(),
          chunk_count = (SELECT count(*) FROM vector_embedding e WHERE e.content_id = c.id),
          metadata = c.metadata - 'embedding_error'
      WHERE c.id = ANY (\(ContentClaims.list(contents)))
        AND c.status::text = \(set.states.processing)
        AND NOT EXISTS (SELECT FROM vector_embedding e
                        WHERE e.content_id = c.id AND e.embedding IS NULL)
      """)
    try connection.query(
      """
      UPDATE indexed_content SET status = \(Literal(set.states.pending))
      WHERE id = ANY (\(ContentClaims.list(contents)))
        AND status::text = \(set.states.processing)
      """)
    return done.affectedRows
  }

  /// Marks a content as failed, with the reason in its metadata.
  func fail(_ content: Int, _ reason: String) throws(PostgresError) {
    try connection.query(
      """
      UPDATE indexed_content
      SET status = \(Literal(set.states.failed)), indexed_at = NULL,
          metadata = coalesce(metadata, '{}')
            || jsonb_build_object('embedding_error', \(reason)::text)
      WHERE id = \(content) AND status::text = \(set.states.processing)
      """)
  }
}
