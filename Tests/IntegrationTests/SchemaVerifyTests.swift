import Postgres
import TestSupport
import Testing

/// Tests that `schema verify` reports only what it could check.
@Suite(.needsServer)
struct SchemaVerifyTests {
  @Test func `content without embeddings is never said to hold`() throws {
    let ferry = try Ferry()
    #expect(try ferry.run("schema", "up", "--set", "semantic_search", "--yes").status == 0)
    let session = try ferry.database.connect()
    /// The statements, the exit code of the verification after them, and its words.
    let steps: [(script: SQL, status: Int32, words: String)] = [
      ("SELECT 1", 0, "the checks of data had nothing to check"),
      (
        """
        INSERT INTO indexed_content (content_type, source_path, content_hash, content)
        VALUES ('source_file', '/a', repeat('a', 64), 'text')
        """, 0, "1 contents that are pending have no embedding"
      ),
      (
        """
        INSERT INTO vector_embedding (content_id, chunk_index, chunk_text)
        SELECT id, 0, 'chunk' FROM indexed_content
        """, 0, "1 of 1 rows of public.vector_embedding have no embedding"
      ),
      (
        """
        UPDATE indexed_content SET indexed_at = now(), status =
          CASE WHEN to_regtype('index_status') IS NULL THEN 'COMPLETED' ELSE 'completed' END
        """, 4, "1 contents that are completed have chunks without embedding"
      ),
      (
        "UPDATE vector_embedding SET embedding = array_fill(1::real, ARRAY[384])::vector", 0,
        "Everything holds."
      ),
    ]
    for step in steps {
      try session.execute(script: step.script)
      let outcome = try ferry.run("schema", "verify", "--set", "semantic_search")
      #expect(outcome.status == step.status, "\(outcome.text)\(outcome.errorText)")
      #expect(outcome.text.contains(step.words), "\(outcome.text)")
      #expect(
        outcome.text.contains("Everything holds.") == (step.words == "Everything holds."),
        "\(outcome.text)")
    }
    let document = try Ferry.json(
      try ferry.run("schema", "verify", "--set", "semantic_search", "--json"))
    #expect(document["sound"] as? Bool == true && document["open"] as? Int == 0)
  }
}
