import Foundation
import Postgres
import TestSupport
import Testing

/// Tests the refusals of `dimensions change --reembed`, and the words of its dry run.
@Suite(
  .enabled(
    if: TestServer.isAvailable && EmbeddingService.isAvailable,
    "no PostgreSQL with pgvector, or no Python for the service"), .serialized)
struct DimensionReembedRefusalTests {
  private let service: EmbeddingService

  init() throws { service = try EmbeddingService() }

  private func script(_ text: String, _ ferry: Ferry) throws {
    try ferry.database.connect().execute(script: SQL(script: text))
  }

  private func isUntouched(_ ferry: Ferry) throws -> Bool? {
    try ferry.scalar(
      """
      SELECT to_regclass('vector_ferry.dimension_changes') IS NULL AND NOT EXISTS (
        SELECT FROM pg_attribute WHERE attrelid = 'vector_documents'::regclass
          AND attname ~ '^embedding_' AND NOT attisdropped)
      """)
  }

  @Test func `what does not go together is a matter of usage`() throws {
    let ferry = try Ferry()
    let cases: [([String], String)] = [
      (["--reembed", "--reduce", "pca"], "--reduce cannot be used together with --reembed"),
      (
        ["--reembed", "--min-recall", "0.5"], "--min-recall cannot be used together with --reembed"
      ),
      (["--to", "8", "--model", "m"], "--model is only for texts that are embedded again"),
      (["--to", "8", "--text-column", "t"], "--text-column is only for texts"),
    ]
    for (words, message) in cases {
      let outcome = try TestSupport.run(
        Ferry.binary, ["dimensions", "change"] + words,
        environment: Ferry.clean(ferry.database.url, [:]), directory: ferry.folder.path)
      #expect(outcome.status == 2 && outcome.errorText.contains(message), "\(outcome.errorText)")
      #expect(outcome.errorText.hasSuffix("Try 'vector-ferry dimensions change --help'.\n"))
    }
  }

  @Test func `another service that answers to the model's name does not go on with a change`()
    throws
  {
    let ferry = try Ferry()
    try ferry.fillTable(rows: 60, dimensions: 96)
    let run = try ferry.startReembedding(service, pausedAt: "change-filled")
    run.signal(SIGKILL)
    _ = try run.finish()
    try script("UPDATE vector_documents SET text = 'new' WHERE text = 'document 7'", ferry)
    let other = try EmbeddingService()
    try other.plan(
      "[" + Array(repeating: #"{"wrong": "model"}"#, count: 9).joined(separator: ",") + "]")
    let refused = try ferry.reembed(other)
    #expect(refused.status == 3, "\(refused.errorText)")
    #expect(refused.errorText.contains("another model has the name test-words"))
    #expect(try other.questions.flatMap(\.texts).count == 2)
    // The same model at another address is accepted.
    #expect(try ferry.reembed(try EmbeddingService()).status == 0)
    try ferry.expectPaired()
  }

  @Test func `whatever is wrong is said before a text leaves and with nothing touched`() throws {
    let ferry = try Ferry()
    try ferry.fillTable(rows: 60, dimensions: 96)
    try script(
      """
      ALTER TABLE vector_documents ALTER COLUMN text DROP NOT NULL, ADD COLUMN number int,
        ADD COLUMN made text GENERATED ALWAYS AS (text || '!') STORED;
      """, ferry)
    let cases: [([String], [String: String], String)] = [
      (["--to", "64"], [:], "test-words makes vectors of 32 dimensions, the column is to have 64"),
      (["--embedding-dimensions", "96"], [:], "has 96 dimensions already"),
      (["--to", "96"], [:], "distinguished by their dimension"),
      (["--text-column", "none"], [:], "has no column none of type text or varchar"),
      (["--text-column", "number"], [:], "has no column number of type text or varchar"),
      (["--text-column", "made"], [:], "is generated"),
      ([], ["EMBEDDING_PROVIDER": ""], "EMBEDDING_PROVIDER"),
      ([], ["EMBEDDING_MODEL": ""], "no embedding model is given"),
      (["--backup-dir", "/dev/null/x"], [:], "the cache of embeddings cannot be used"),
    ]
    for (words, more, message) in cases {
      let outcome = try TestSupport.run(
        Ferry.binary, ["dimensions", "change", "--reembed"] + words,
        environment: Ferry.clean(
          ferry.database.url, service.asOpenAI().merging(more) { $1 }),
        directory: ferry.folder.path)
      #expect(outcome.status == 3 && outcome.errorText.contains(message), "\(outcome.errorText)")
      #expect(try isUntouched(ferry) == true, "\(message)")
    }
    try script(
      """
      UPDATE vector_documents SET text = NULL WHERE text = 'document 7';
      UPDATE vector_documents SET text = E' \\n\\t' WHERE text = 'document 8';
      """, ferry)
    let keys: String? = try ferry.scalar(
      """
      SELECT string_agg(id::text, ', ' ORDER BY id) FROM vector_documents
      WHERE text IS NULL OR text = E' \\n\\t'
      """)
    for words in [[], ["--dry-run"]] {
      let outcome = try ferry.reembed(service, words)
      #expect(
        outcome.status == 3 && outcome.errorText.contains("2 rows of public.vector_documents"))
      #expect(outcome.errorText.contains(try #require(keys)), "\(outcome.errorText)")
    }
    #expect(try isUntouched(ferry) == true)
    #expect(try service.questions.flatMap(\.texts).allSatisfy { $0 == "ferry" })
    // A row without a vector is one that the application fills, and not this program.
    try script(
      """
      ALTER TABLE vector_documents ALTER COLUMN embedding DROP NOT NULL;
      UPDATE vector_documents SET embedding = NULL WHERE btrim(text, E' \\n\\t') = '' OR text IS NULL;
      """, ferry)
    #expect(try ferry.reembed(service).status == 0)
    #expect(try ferry.scalar("SELECT count(embedding) FROM vector_documents") == 58)
  }

  @Test func `a dry run says texts, tokens and cost, sends nothing and changes nothing`() throws {
    let ferry = try Ferry()
    try ferry.fillTable(rows: 60, dimensions: 96)
    let bytes: Int? = try ferry.scalar("SELECT sum(octet_length(text)) FROM vector_documents")
    let environment = service.asOpenAI().merging(["EMBEDDING_PRICE_PER_MILLION_TOKENS": "5"]) { $1 }
    let dry = try ferry.run(
      "dimensions", "change", "--reembed", "--dry-run", "--json", environment: environment)
    #expect(dry.status == 0, "\(dry.errorText)")
    let preview = try Ferry.json(dry)
    #expect(preview["texts"] as? Int == 60 && preview["bytes"] as? Int == bytes)
    #expect(preview["from"] as? Int == 96 && preview["to"] is NSNull)
    #expect(preview["model"] as? String == "test-words")
    #expect((preview["estimated_cost"] as? Double ?? 0) > 0.001)
    #expect(try service.questions.isEmpty && isUntouched(ferry) == true)
    #expect(!FileManager.default.fileExists(atPath: ferry.folder.file("migration_backup")))
    let words = try ferry.run(
      "dimensions", "change", "--reembed", "--dry-run", "--to", "32", environment: environment)
    #expect(words.text.contains("96 → 32 dimensions\nTexts: 60 texts, "), "\(words.text)")
    #expect(words.text.contains("The texts would be sent to: OpenAI at http://127.0.0.1"))
    #expect(words.text.contains("Cost: about $0.00") && words.text.contains("Nothing was"))
    // The same is said before the first text is sent.
    let run = try ferry.start(
      "dimensions", "change", "--reembed",
      environment: environment.merging(["VECTOR_FERRY_PAUSE_AT": "change-embedded"]) { $1 })
    #expect(run.waitForError("paused at change-embedded"), "\(run.errors)")
    #expect(run.errors.contains("Sending the texts to OpenAI at http://127.0.0.1"))
    #expect(run.errors.contains("Cost: about $0.00"))
    run.signal(SIGKILL)
    _ = try run.finish()
    let resumed = try ferry.run(
      "dimensions", "change", "--reembed", "--dry-run", environment: environment)
    #expect(resumed.text.contains("96 → 32 dimensions, already begun"), "\(resumed.text)")
    let plain = try ferry.run("dimensions", "undo", "--yes")
    #expect(plain.status == 0)
    let projected = try ferry.run("dimensions", "change", "--to", "128", "--dry-run")
    #expect(projected.status == 0 && projected.text.contains("Nothing was sent"))
    #expect(
      try ferry.scalar(
        "SELECT count(*) FROM vector_ferry.dimension_changes WHERE state <> 'undone'")
        == 0)
  }

  @Test func `a change goes on by the model that it has begun with, and by no other`() throws {
    let ferry = try Ferry()
    try ferry.fillTable(rows: 60, dimensions: 96)
    let run = try ferry.startReembedding(service, pausedAt: "change-begun")
    run.signal(SIGKILL)
    _ = try run.finish()
    let cases: [([String], String)] = [
      (
        ["--reembed", "--model", "elder"],
        "uses the model test-words (openai, unversioned), not elder"
      ),
      (["--reembed", "--model-version", "2"], "not test-words (openai, 2)"),
      (["--reembed", "--text-column", "title"], "takes texts of column text, not of title"),
      (["--reembed", "--to", "64"], "to 32 dimensions has begun"),
      (["--reembed", "--embedding-dimensions", "16"], "makes vectors of 16 dimensions"),
      ([], "continue with: dimensions change --reembed --provider openai --model test-words"),
    ]
    for (words, message) in cases {
      let outcome = try TestSupport.run(
        Ferry.binary, ["dimensions", "change"] + words,
        environment: Ferry.clean(ferry.database.url, service.asOpenAI()),
        directory: ferry.folder.path)
      #expect(outcome.status == 3 && outcome.errorText.contains(message), "\(outcome.errorText)")
    }
    #expect(try ferry.scalar("SELECT count(embedding_32) FROM vector_documents") == 0)
    let done = try ferry.reembed(service, ["--json"])
    #expect(done.status == 0, "\(done.errorText)")
    let record = try Ferry.json(done)
    #expect(record["method"] as? String == "reembedding" && record["asked"] as? Int == 60)
    #expect(
      record["model"] as? String == "test-words" && record["text_column"] as? String == "text")
    let status = try ferry.run("dimensions", "status")
    #expect(
      status.text.contains("96 → 32 dimensions, done by test-words of openai; the old column"))
    #expect(try ferry.run("dimensions", "change").status == 0)
    #expect(try ferry.run("dimensions", "finish", "--yes").status == 0)

    let projecting = try ferry.startChange(to: 64, pausedAt: "change-begun")
    projecting.signal(SIGKILL)
    _ = try projecting.finish()
    let mixed = try ferry.reembed(service)
    #expect(
      mixed.status == 3
        && mixed.errorText.contains("that has begun extends the vectors by zeros"))
    #expect(try ferry.run("dimensions", "change").status == 0)
  }

  @Test(arguments: [
    (
      "DELETE FROM vector_documents WHERE text = 'document 3'", "vector_documents: 1 row is deleted"
    ),
    ("DELETE FROM kept", "public.kept: 60 rows are deleted"),
    ("TRUNCATE kept", "public.kept: emptied, rewritten or dropped"),
  ])
  func `a trigger that deletes rows while texts are embedded stops the change`(
    statement: String, said: String
  ) throws {
    let ferry = try Ferry()
    try ferry.fillTable(rows: 60, dimensions: 96)
    try script(
      """
      CREATE TABLE kept AS SELECT id FROM vector_documents;
      CREATE FUNCTION forget() RETURNS trigger LANGUAGE plpgsql AS $$
      BEGIN
        IF pg_trigger_depth() = 1 THEN \(statement); END IF;
        RETURN NULL;
      END $$;
      CREATE TRIGGER app_forget AFTER UPDATE ON vector_documents
        FOR EACH STATEMENT EXECUTE FUNCTION forget()
      """, ferry)
    let outcome = try ferry.reembed(service)
    #expect(outcome.status != 0)
    #expect(
      (outcome.text + outcome.errorText).contains(said), "\(outcome.text)\(outcome.errorText)")
    #expect(
      try ferry.scalar(
        "SELECT (SELECT count(*) FROM kept) + (SELECT count(*) FROM vector_documents)") == 120)
    try script("ALTER TABLE vector_documents DISABLE TRIGGER app_forget", ferry)
    let after = try ferry.reembed(service)
    #expect(after.status == 0, "\(after.text)\(after.errorText)")
    try ferry.expectPaired()
  }
}
