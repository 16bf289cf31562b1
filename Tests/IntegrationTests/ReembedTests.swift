import Foundation
import Postgres
import TestSupport
import Testing

/// Tests `reembed`, which embeds the chunks of semantic_search after their dimension was changed.
@Suite(
  .enabled(
    if: TestServer.isAvailable && EmbeddingService.isAvailable,
    "no PostgreSQL with pgvector, or no Python for the service"))
struct ReembedTests {
  /// Creates a database with the set after its migration 004, with `contents` contents of `chunks`
  /// chunks each, none of them embedded.
  private func waiting(_ contents: Int, chunks: Int = 3, named: [String] = []) throws -> Ferry {
    let ferry = try Ferry()
    try ferry.run("schema", "up", "--set", "semantic_search", "--yes")
    try ferry.database.connect().execute(
      script: SQL(
        script: """
          INSERT INTO indexed_content (content_type, source_path, content_hash, title, content, status,
                                       indexed_at)
          SELECT 'documentation', '/doc/' || i, repeat('0', 64), 'T', 'text', 'COMPLETED', now()
          FROM generate_series(1, \(contents)) i;
          INSERT INTO vector_embedding (content_id, embedding, chunk_index, chunk_text)
          SELECT i, array_fill(0.5::real, ARRAY[384])::vector, j, 'content ' || i || ' chunk ' || j
          FROM generate_series(1, \(contents)) i, generate_series(1, \(chunks)) j;
          """))
    for name in ["004"] + named {
      try ferry.run("schema", "apply", name, "--set", "semantic_search", "--yes")
    }
    return ferry
  }

  private func environment(
    _ service: EmbeddingService, _ more: [String: String] = [:]
  ) -> [String: String] {
    service.asOpenAI().merging(["EMBEDDING_DIMENSIONS": "384"]) { $1 }.merging(more) { $1 }
  }

  /// Variables for one request at a time, so that the request for each step of the plan is known.
  private static let oneByOne = ["EMBEDDING_CONCURRENCY": "1"]

  /// Returns the number of contents in each state.
  private func states(_ ferry: Ferry) throws -> [String: Int] {
    let rows = try ferry.database.connect().query(
      "SELECT status::text, count(*) FROM indexed_content GROUP BY 1")
    return Dictionary(
      uniqueKeysWithValues: try (0..<rows.rowCount).map {
        (try rows.value($0, 0, as: String.self), try rows.value($0, 1, as: Int.self))
      })
  }

  private func empty(_ ferry: Ferry) throws -> Int? {
    try ferry.scalar("SELECT count(*) FROM vector_embedding WHERE embedding IS NULL")
  }

  /// Returns the texts that the service has embedded, without the word of the first request.
  private func asked(_ service: EmbeddingService) throws -> [String] {
    try service.questions.flatMap(\.texts).filter { $0 != "ferry" }
  }

  @Test func `chunks get the embeddings of their texts, and contents their states`() throws {
    let service = try EmbeddingService()
    let ferry = try waiting(20)
    let dry = try ferry.run("reembed", "--dry-run", "--json", environment: environment(service))
    #expect(dry.status == 0, "\(dry.errorText)")
    let survey = try Ferry.json(dry)
    #expect(survey["contents"] as? Int == 20 && survey["chunks"] as? Int == 60)
    #expect((survey["estimated_tokens"] as? Int ?? 0) > 300 && survey["estimated_cost"] is NSNull)
    #expect(try service.questions.isEmpty && empty(ferry) == 60)
    #expect(!FileManager.default.fileExists(atPath: ferry.folder.file("migration_backup")))

    let outcome = try ferry.run("reembed", "--json", environment: environment(service))
    #expect(outcome.status == 0, "\(outcome.errorText)")
    let report = try Ferry.json(outcome)
    #expect(report["embedded"] as? Int == 60 && report["completed"] as? Int == 20)
    #expect(try empty(ferry) == 0 && states(ferry) == ["COMPLETED": 20])
    #expect(try asked(service).count == 60 && Set(asked(service)).count == 60)
    let good: Int? = try ferry.scalar(
      """
      SELECT count(*) FROM indexed_content c JOIN vector_embedding e ON e.content_id = c.id
      WHERE c.indexed_at IS NOT NULL AND c.chunk_count = 3
        AND e.metadata->>'model_name' = 'test-words' AND e.metadata->>'model_version' = 'unversioned'
      """)
    #expect(good == 60)
    // A search for a chunk's text finds this chunk first.
    let found = try ferry.run(
      "search", "--set", "semantic_search", "content 7 chunk 2", "-k", "1", "--json",
      environment: environment(service, ["VECTOR_STORE_EXPOSE_CHUNK_TEXT": "true"]))
    let results = try #require(try Ferry.json(found)["results"] as? [[String: Any]])
    #expect(results.first?["chunk_text"] as? String == "content 7 chunk 2")

    let history = try Ferry.json(try ferry.run("history", "--json"))
    let runs = try #require(history["runs"] as? [[String: Any]])
    #expect(runs.map { $0["mode"] as? String } == ["reembed"] && runs[0]["exit_code"] as? Int == 0)
    #expect((runs[0]["options"] as? String)?.contains("--model test-words") == true)

    let again = try ferry.run("reembed", environment: environment(service))
    #expect(again.status == 0 && again.text.contains("No chunk is pending: nothing was embedded."))
    #expect(try asked(service).count == 61)
    try ferry.database.connect().query(
      """
      INSERT INTO indexed_content (content_type, source_path, content_hash, content)
      VALUES ('documentation', '/uncut', repeat('1', 64), 'text')
      """)
    let uncut = try ferry.run("reembed", environment: environment(service))
    #expect(uncut.text.contains("Without embeddings, and skipped: 1 content"), "\(uncut.text)")
    #expect(try ferry.run("schema", "verify", "--set", "semantic_search").status == 0)
    let other = try ferry.run(
      "search", "--set", "semantic_search", "x", "--model", "another",
      environment: environment(service))
    #expect(other.status == 3)
    #expect(other.errorText.contains("are of the model test-words, not of another"))
  }

  @Test func `the template form and model columns are filled in their own words`() throws {
    let service = try EmbeddingService()
    let ferry = try waiting(4, named: ["002"])
    let outcome = try ferry.run(
      "reembed", "--provider", "ollama", "--model", "words:v9",
      environment: environment(service, ["OLLAMA_HOST": "127.0.0.1:\(service.port)"]))
    #expect(outcome.status == 0, "\(outcome.errorText)")
    #expect(try states(ferry) == ["completed": 4])
    let named: Int? = try ferry.scalar(
      """
      SELECT count(*) FROM vector_embedding
      WHERE model_name = 'words:v9' AND model_version = 'v9' AND embedding IS NOT NULL
      """)
    #expect(named == 12)
    #expect(try service.questions.allSatisfy { $0.path == "/api/embed" && $0.dimensions == 384 })
    let other = try ferry.run(
      "search", "--set", "semantic_search", "x", environment: environment(service))
    #expect(other.status == 3 && other.errorText.contains("of the model words:v9"))
  }

  @Test func `a text that is refused fails its content alone, until it is tried again`() throws {
    let service = try EmbeddingService()
    let ferry = try waiting(5)
    let session = try ferry.database.connect()
    try session.execute(
      script: """
        UPDATE vector_embedding SET id = 100 + 3 * content_id + chunk_index;
        UPDATE vector_embedding SET chunk_text = 'a canary is UNWANTED here' WHERE id = 108;
        UPDATE vector_embedding SET chunk_text = '  ' WHERE id = 113;
        UPDATE indexed_content SET metadata = NULL WHERE id = 4;
        """)
    let outcome = try ferry.run("reembed", environment: environment(service))
    #expect(outcome.status == 1 && outcome.text.contains("3 contents complete, 2 failed, 0 left"))
    #expect(!outcome.errorText.contains("canary"), "\(outcome.errorText)")
    #expect(outcome.errorText.contains("content 2 (/doc/2) failed: chunk 108: status 400"))
    #expect(try states(ferry) == ["COMPLETED": 3, "FAILED": 2])
    #expect(try empty(ferry) == 2)
    let reason: String? = try ferry.scalar(
      "SELECT metadata->>'embedding_error' FROM indexed_content WHERE id = 4")
    #expect(reason?.contains("white space") == true)
    // Failed contents are skipped without the option.
    let asked = try asked(service).count
    let untouched = try ferry.run("reembed", environment: environment(service))
    #expect(untouched.status == 0)
    #expect(untouched.text.contains("Failed before, and skipped: 2 contents"), "\(untouched.text)")
    #expect(try self.asked(service).count == asked)
    try session.execute(
      script: "UPDATE vector_embedding SET chunk_text = 'fine now' WHERE id = 108")
    let again = try ferry.run("reembed", "--retry-failed", environment: environment(service))
    #expect(again.status == 1)
    #expect(try states(ferry) == ["COMPLETED": 4, "FAILED": 1])
    let cleared: Int? = try ferry.scalar(
      "SELECT count(*) FROM indexed_content WHERE metadata ? 'embedding_error'")
    #expect(cleared == 1)
  }

  @Test func `what stands against it is said before anything is touched`() throws {
    let service = try EmbeddingService()
    let ferry = try waiting(3)
    let before: String? = try ferry.scalar(
      "SELECT string_agg(xmin::text || status, ',' ORDER BY id) FROM indexed_content")
    let cases: [([String], [String: String], String, String)] = [
      ([], ["EMBEDDING_PROVIDER": ""], "", "no embedding provider is configured"),
      (
        ["--embedding-dimensions", "32"], [:], "",
        "makes vectors of 32 dimensions, the column takes 384"
      ),
      ([], ["OPENAI_BASE_URL": "http://127.0.0.1:1/v1"], "", "Connection refused"),
      ([], [:], #"{"status": 401, "body": ""}"#, "the key is not accepted"),
      ([], [:], #"{"status": 404, "body": ""}"#, "status 404"),
      (
        [], [:], #"{"status": 400, "body": {"error": {"message": "no dimensions"}}}"#,
        "creates no embeddings here: status 400: no dimensions"
      ),
      ([], [:], #"{"body": "<html>"}"#, "did not answer with embeddings"),
      (
        [], ["OPENAI_MAX_DAILY_COST": "0", "EMBEDDING_PRICE_PER_MILLION_TOKENS": "1"], "",
        "OPENAI_MAX_DAILY_COST"
      ),
      (["--backup-dir", "/dev/null/x"], [:], "", "the cache of embeddings cannot be used"),
    ]
    for (words, more, step, message) in cases {
      try service.plan("[\(step)]")
      let outcome = try TestSupport.run(
        Ferry.binary, ["reembed", "--json"] + words,
        environment: Ferry.clean(ferry.database.url, environment(service, more)),
        directory: ferry.folder.path)
      #expect(outcome.status == 3, "\(message): \(outcome.errorText)")
      #expect(outcome.errorText.contains(message), "\(outcome.errorText)")
    }
    let after: String? = try ferry.scalar(
      "SELECT string_agg(xmin::text || status, ',' ORDER BY id) FROM indexed_content")
    #expect(after == before)
    try ferry.database.connect().execute(
      script: """
        UPDATE vector_embedding SET metadata = '{"model_name": "elder"}',
          embedding = array_fill(1::real, ARRAY[384])::vector WHERE id = 1
        """)
    let mixed = try ferry.run("reembed", environment: environment(service))
    #expect(mixed.status == 3 && mixed.errorText.contains("the model elder"))
    let bare = try Ferry()
    let none = try bare.run("reembed", environment: environment(service))
    #expect(none.status == 3 && none.errorText.contains("semantic_search is not in this database"))
  }

  @Test func `a service that gives up in the middle leaves what is done, and the rest waiting`()
    throws
  {
    let service = try EmbeddingService()
    let ferry = try waiting(150, chunks: 2)
    try service.plan(#"[{}, {}, {"status": 401, "body": ""}]"#)
    let broken = try ferry.run(
      "reembed", "--json", environment: environment(service, Self.oneByOne))
    #expect(broken.status == 1)
    let report = try Ferry.json(broken)
    #expect((report["error"] as? [String: Any])?["reason"] as? String != nil)
    #expect(try states(ferry) == ["COMPLETED": 64, "PENDING": 86])
    let again = try ferry.run("reembed", environment: environment(service, Self.oneByOne))
    #expect(again.status == 0, "\(again.errorText)")
    #expect(try states(ferry) == ["COMPLETED": 150])
    // Only the refused request was sent twice.
    #expect(try asked(service).count == 300 + 128)
  }

  @Test func `an interruption ends it between questions, with nothing left half-way`() throws {
    let service = try EmbeddingService()
    let ferry = try waiting(10)
    try service.plan(#"[{}, {"delay": 20}]"#)
    let run = try ferry.start("reembed", environment: environment(service))
    for _ in 0..<1000 where try service.questions.count < 2 { usleep(10_000) }
    #expect(try states(ferry) == ["PROCESSING": 10])
    run.signal(SIGINT)
    let outcome = try run.finish()
    #expect(outcome.status == 130, "\(outcome.errorText)")
    #expect(try states(ferry) == ["PENDING": 10] && empty(ferry) == 30)
  }

  @Test
  func `killed anywhere it goes on, and nothing is paid for twice but the question under way`()
    throws
  {
    try kill(atOnce: 1, seed: 11)
  }

  @Test
  func `killed with many questions under way it goes on, and pays twice for these at most`() throws
  {
    try kill(atOnce: 4, seed: 12)
  }

  private func kill(atOnce: Int, seed: UInt64) throws {
    let concurrency = ["EMBEDDING_CONCURRENCY": "\(atOnce)"]
    let service = try EmbeddingService()
    let ferry = try waiting(400, chunks: 2)
    let kills = Oracle.isFullRun ? 20 : 5
    var generator = SeededGenerator(seed: seed)
    for kill in 0..<kills {
      try service.plan(
        "[\(Array(repeating: #"{"delay": 0.05}"#, count: 40).joined(separator: ","))]")
      let run = try ferry.start("reembed", environment: environment(service, concurrency))
      let target = try service.questions.count + 2
      for _ in 0..<1000 where try service.questions.count < target && run.isRunning {
        usleep(2_000)
      }
      usleep(UInt32.random(in: 0...150_000, using: &generator))
      run.signal(SIGKILL)
      _ = try run.finish()
      try ferry.settle()
      // No content is completed before all of its chunks have embeddings.
      let early: Int? = try ferry.scalar(
        """
        SELECT count(*) FROM indexed_content c JOIN vector_embedding e ON e.content_id = c.id
        WHERE c.status = 'COMPLETED' AND e.embedding IS NULL
        """)
      #expect(early == 0, "kill \(kill)")
    }
    try service.plan("[]")
    let last = try ferry.run("reembed", environment: environment(service, concurrency))
    #expect(last.status == 0, "\(last.errorText)")
    #expect(try states(ferry) == ["COMPLETED": 400] && empty(ferry) == 0)
    let asked = try asked(service)
    #expect(Set(asked).count == 800 && asked.count <= 800 + 128 * kills * atOnce)
  }

  @Test func `several processes share the work, and none does another's`() throws {
    let service = try EmbeddingService()
    let ferry = try waiting(600, chunks: 2)
    try service.plan("[\(Array(repeating: #"{"delay": 0.1}"#, count: 60).joined(separator: ","))]")
    // Each run has a cache of its own, so that only the locks keep the runs from doing the same
    // work.
    let runs = try (0..<3).map {
      try ferry.start(
        "reembed", "--json", "--no-index", "--backup-dir", "cache\($0)",
        environment: environment(service))
    }
    let reports = try runs.map { run in
      let outcome = try run.finish()
      #expect(outcome.status == 0, "\(outcome.errorText)")
      return try Ferry.json(outcome)
    }
    let embedded = reports.map { $0["embedded"] as? Int ?? 0 }
    #expect(embedded.reduce(0, +) == 1200 && embedded.filter { $0 > 0 }.count > 1, "\(embedded)")
    #expect(try asked(service).count == 1200 && states(ferry) == ["COMPLETED": 600])
  }

  @Test func `a text that changes while it is embedded keeps waiting`() throws {
    let service = try EmbeddingService()
    let ferry = try waiting(2)
    try service.plan(#"[{}, {"hold": true}]"#)
    let run = try ferry.start("reembed", environment: environment(service))
    for _ in 0..<1000 where try service.questions.count < 2 { usleep(10_000) }
    try ferry.database.connect().execute(
      script: "UPDATE vector_embedding SET chunk_text = 'another text' WHERE id = 4")
    try service.plan("[{}]")
    let outcome = try run.finish()
    #expect(outcome.status == 0 && outcome.text.contains("1 content complete, 0 failed, 1 left"))
    #expect(try states(ferry) == ["COMPLETED": 1, "PENDING": 1])
    #expect(try ferry.run("reembed", environment: environment(service)).status == 0)
    #expect(try asked(service).last == "another text" && empty(ferry) == 0)
  }

  @Test func `a content whose last chunk somebody else has dealt with is complete`() throws {
    let service = try EmbeddingService()
    // There is one chunk more than a page has, so that a further page is expected.
    let ferry = try waiting(2, chunks: 129)
    let session = try ferry.database.connect()
    for (content, deed) in [
      (1, "SET embedding = array_fill(1::real, ARRAY[384])::vector"), (2, "DELETE"),
    ] {
      let place = "content_id = \(content) AND chunk_index = 129"
      let statement =
        deed == "DELETE"
        ? "DELETE FROM vector_embedding WHERE \(place)"
        : "UPDATE vector_embedding \(deed) WHERE \(place)"
      try session.execute(
        script: SQL(
          script: """
            UPDATE indexed_content SET status = CASE id WHEN \(content) THEN 'PENDING'
              ELSE 'COMPLETED' END
            """))
      let before = try service.questions.count
      try service.plan(before == 0 ? #"[{}, {"hold": true}]"# : #"[{"hold": true}]"#)
      let run = try ferry.start("reembed", "--no-index", environment: environment(service))
      let held = before + (before == 0 ? 2 : 1)
      for _ in 0..<1000 where try service.questions.count < held { usleep(10_000) }
      try session.execute(script: SQL(script: statement))
      try service.plan("[{}]")
      let outcome = try run.finish()
      #expect(outcome.status == 0 && outcome.text.contains("1 content complete, 0 failed, 0 left"))
      #expect(try states(ferry) == ["COMPLETED": 2], "\(deed): \(outcome.text)")
    }
  }

  @Test func `the set's index is built when nothing waits any more`() throws {
    let service = try EmbeddingService()
    for (named, method) in [([], "ivfflat"), (["002"], "hnsw")] {
      let ferry = try waiting(2, chunks: 520, named: named)
      try ferry.database.connect().execute(
        script: """
          DROP INDEX IF EXISTS idx_vector_embedding_hnsw, idx_vector_embedding_similarity;
          UPDATE vector_embedding SET chunk_text = 'w' || (id % 40);
          """)
      let outcome = try ferry.run("reembed", "--json", environment: environment(service))
      #expect(outcome.status == 0, "\(outcome.errorText)")
      let index: String? = try ferry.scalar(
        """
        SELECT a.amname::text FROM pg_class c JOIN pg_am a ON a.oid = c.relam
        WHERE c.relname IN ('idx_vector_embedding_hnsw', 'idx_vector_embedding_similarity')
        """)
      #expect(index == method)
      let report = try Ferry.json(outcome)
      #expect((report["index"] as? String)?.contains("idx_vector_embedding") == true)
      #expect(report["asked"] as? Int == 41)
    }
  }

  @Test(arguments: [
    ("DELETE FROM kept", "public.kept: 6 rows are deleted"),
    ("TRUNCATE kept", "public.kept: emptied, rewritten or dropped"),
  ])
  func `a trigger that deletes rows while chunks are embedded stops the run`(
    statement: String, said: String
  ) throws {
    let service = try EmbeddingService()
    let ferry = try waiting(2)
    let session = try ferry.database.connect()
    try session.execute(
      script: SQL(
        script: """
          CREATE TABLE kept AS SELECT id FROM vector_embedding;
          CREATE FUNCTION forget() RETURNS trigger LANGUAGE plpgsql AS $$
          BEGIN \(statement); RETURN NULL; END $$;
          CREATE TRIGGER app_forget AFTER UPDATE ON vector_embedding
            FOR EACH STATEMENT EXECUTE FUNCTION forget()
          """))
    let outcome = try ferry.run("reembed", environment: environment(service))
    #expect(outcome.status != 0)
    #expect(
      (outcome.text + outcome.errorText).contains(said), "\(outcome.text)\(outcome.errorText)")
    #expect(try ferry.scalar("SELECT count(*) FROM kept") == 6)
    #expect(try empty(ferry) == 6)
    try session.execute(script: "ALTER TABLE vector_embedding DISABLE TRIGGER app_forget")
    let after = try ferry.run("reembed", environment: environment(service))
    #expect(after.status == 0, "\(after.text)\(after.errorText)")
    #expect(try empty(ferry) == 0 && ferry.scalar("SELECT count(*) FROM kept") == 6)
  }
}
