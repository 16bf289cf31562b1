internal import Embedding
internal import Postgres

/// Writes embeddings to the chunks of claimed contents, a page at a time, and then their states.
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

  /// The next chunks of some contents behind one, in order.
  func chunks(of contents: some Collection<Int>, after id: Int) throws(PostgresError) -> [Chunk] {
    let list = contents.sorted().map(String.init).joined(separator: ",")
    let rows = try connection.query(
      """
      SELECT id, content_id, chunk_text, md5(chunk_text) FROM vector_embedding
      WHERE content_id = ANY (string_to_array(\(list), ',')::int[]) AND embedding IS NULL
        AND id > \(id)
      ORDER BY id LIMIT \(Self.page)
      """)
    return try rows.map { (row) throws(PostgresError) in
      Chunk(
        id: try rows.value(row, 0), content: try rows.value(row, 1),
        text: try rows.value(row, 2), hash: try rows.value(row, 3))
    }
  }

  /// Writes embeddings in one transaction, where nobody has written one or changed the text.
  ///
  /// - Returns: how many were written.
  func write(_ vectors: [(chunk: Chunk, vector: [Float])]) throws -> Int {
    let origin: SQL =
      set.hasModelColumns
      ? "model_name = \(model), model_version = \(modelVersion)"
      : """
      metadata = coalesce(metadata, '{}') || jsonb_build_object(
        'model_name', \(model)::text, 'model_version', \(modelVersion)::text)
      """
    return try connection.transaction {
      var written = 0
      for (chunk, vector) in vectors {
        let result = try connection.query(
          """
          UPDATE vector_embedding SET embedding = \(VectorValue(vector))::vector, \(origin)
          WHERE id = \(chunk.id) AND embedding IS NULL AND md5(chunk_text) = \(chunk.hash)
          """)
        written += result.affectedRows
      }
      return written
    }
  }

  /// Marks a content as complete if every chunk has its embedding, as waiting if one has not.
  ///
  /// - Returns: whether it is complete.
  func complete(_ content: Int) throws -> Bool {
    try connection.transaction {
      let done = try connection.query(
        """
        UPDATE indexed_content c
        SET status = \(Literal(set.states.completed)), indexed_at = now(),
            chunk_count = (SELECT count(*) FROM vector_embedding e WHERE e.content_id = c.id),
            metadata = c.metadata - 'embedding_error'
        WHERE c.id = \(content) AND c.status::text = \(set.states.processing)
          AND NOT EXISTS (SELECT FROM vector_embedding e
                          WHERE e.content_id = c.id AND e.embedding IS NULL)
        """)
      if done.affectedRows == 1 { return true }
      try connection.query(
        """
        UPDATE indexed_content SET status = \(Literal(set.states.pending))
        WHERE id = \(content) AND status::text = \(set.states.processing)
        """)
      return false
    }
  }

  /// Marks a content as failed, with the reason in its metadata.
  func fail(_ content: Int, _ reason: String) throws {
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
