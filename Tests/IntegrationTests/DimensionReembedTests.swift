import Foundation
import Postgres
import Synchronization
import TestSupport
import Testing

/// Tests that every row has the vector of its own text after `dimensions change --reembed`.
@Suite(
  .enabled(
    if: TestServer.isAvailable && EmbeddingService.isAvailable,
    "no PostgreSQL with pgvector, or no Python for the service"), .serialized)
struct DimensionReembedTests {
  private static let rows = Oracle.isFullRun ? 5_000 : 400
  private static let from = Oracle.isFullRun ? 768 : 96
  private let service: EmbeddingService

  init() throws { service = try EmbeddingService() }

  private func script(_ text: String, _ ferry: Ferry) throws {
    try ferry.database.connect().execute(script: SQL(script: text))
  }

  private func reembed(_ ferry: Ferry, _ more: String...) throws -> ProcessOutcome {
    try ferry.reembed(service, more)
  }

  static let stages = [
    "change-fitted", "change-before-begin", "change-begun", "change-embedded", "change-batch",
    "change-filled", "change-indexed", "change-held", "change-locked", "change-swapped",
    "change-validated", "change-settled",
  ]

  @Test
  func `killed at twelve points beside readers and writers, each text has its own vector`() throws {
    let ferry = try Ferry()
    let probe = try ferry.fillTable(rows: Self.rows, dimensions: Self.from)
    // The clients have a service of their own, so that only the program's requests are counted.
    let theirs = try EmbeddingService()
    let clients = try ReembedClients(
      ferry.database, dimensions: Self.from, environment: theirs.asOpenAI())
    clients.start(probe: probe)
    for stage in Self.stages {
      let run = try ferry.startReembedding(service, pausedAt: stage)
      if stage != "change-locked" { usleep(100_000) }
      run.signal(SIGKILL)
      _ = try run.finish()
      #expect(clients.soFar.failures == [], "\(stage)")
    }
    let outcome = try reembed(ferry)
    #expect(outcome.status == 0, "\(outcome.errorText)")
    usleep(300_000)
    let log = clients.stop()
    print(
      "reads \(log.reads), writes \(log.written.count), slowest write \(log.slowest) s, "
        + "told of the new model \(log.refusals) times")
    #expect(log.failures == [] && log.reads > 20 && log.written.count > 20)
    #expect(log.refusals > 0 && log.takenBack > 2 && log.removed.count > 2)
    for (id, text) in log.written {
      #expect(
        try ferry.scalar("SELECT text FROM vector_documents WHERE id = \(Literal(id))::uuid")
          == text)
    }
    for id in log.removed {
      #expect(
        try ferry.scalar(
          "SELECT count(*) FROM vector_documents WHERE id = \(Literal(id))::uuid") == 0)
    }
    #expect(
      try ferry.scalar("SELECT count(*) FROM vector_documents") == Self.rows + log.written.count)
    try ferry.expectPaired()
    try expectNoScaffold(ferry)
    // Only texts in requests that were under way at a kill were paid for twice.
    let asked = try service.questions.flatMap(\.texts).filter { $0.hasPrefix("document ") }
    #expect(asked.count <= Self.rows + 128 * Self.stages.count)
    #expect(Set(asked).count == Self.rows)
  }

  private func expectNoScaffold(_ ferry: Ferry) throws {
    let connection = try ferry.database.connect()
    #expect(
      try connection.scalar(
        """
        SELECT attnotnull FROM pg_attribute
        WHERE attrelid = 'vector_documents'::regclass AND attname = 'embedding'
        """) == true)
    #expect(
      try connection.scalar(
        """
        SELECT (SELECT count(*) FROM pg_constraint
                WHERE conrelid = 'vector_documents'::regclass AND contype = 'c')
          + (SELECT count(*) FROM pg_class WHERE relname LIKE '%waiting_idx')
          + (SELECT count(*) FROM pg_index WHERE NOT indisvalid)
        """) == 0)
  }

  // MARK: Texts that change

  @Test
  func `a text that changes while the service is asked gets the vector of what it is by then`()
    throws
  {
    let ferry = try Ferry()
    try ferry.fillTable(rows: 60, dimensions: 96)
    try script("UPDATE vector_documents SET updated_at = '2020-01-01'", ferry)
    try service.plan(#"[{}, {"hold": true}]"#)
    let run = try ferry.start("dimensions", "change", "--reembed", environment: service.asOpenAI())
    try service.wait { $0 < 2 }
    try script(
      """
      UPDATE vector_documents SET text = 'a text that nobody asked for' WHERE text = 'document 7';
      -- The same key with another text, and a text back and forth.
      WITH gone AS (DELETE FROM vector_documents WHERE text = 'document 8' RETURNING *)
      SELECT id FROM gone;
      UPDATE vector_documents SET text = 'document 9 for a while' WHERE text = 'document 9';
      UPDATE vector_documents SET text = 'document 9' WHERE text = 'document 9 for a while';
      UPDATE vector_documents SET metadata = '{"a": 1}' WHERE text = 'document 10';
      """, ferry)
    try service.plan("[{}]")
    let outcome = try run.finish()
    #expect(outcome.status == 0, "\(outcome.errorText)")
    #expect(try service.questions.flatMap(\.texts).contains("a text that nobody asked for"))
    try ferry.expectPaired()
    #expect(
      try ferry.scalar(
        "SELECT metadata ->> 'a' FROM vector_documents WHERE text = 'document 10'") == "1")
  }

  @Test func `requests are counted in embedding_cache_stats of knowledge_graph`() throws {
    let ferry = try Ferry()
    try ferry.fillTable(rows: 60, dimensions: 96)
    #expect(try ferry.run("schema", "up", "--set", "knowledge_graph", "--yes").status == 0)
    let outcome = try ferry.run(
      "dimensions", "change", "--reembed", environment: service.asOpenAI())
    #expect(outcome.status == 0, "\(outcome.text)\(outcome.errorText)")
    let counted: String? = try ferry.scalar(
      "SELECT concat_ws(' ', api_calls_count, cache_miss_count) FROM embedding_cache_stats")
    #expect(counted == "\(try service.questions.count) 61")
  }

  @Test func `filling looks like a change to nobody, and nobody else writes the new column`() throws
  {
    let ferry = try Ferry()
    try ferry.fillTable(rows: 60, dimensions: 96)
    let digest: SQL = """
      SELECT md5(string_agg(concat_ws('|', id, text, metadata, created_at, updated_at), ',' ORDER BY id))
      FROM vector_documents
      """
    let before: String? = try ferry.scalar(digest)
    let run = try ferry.startReembedding(service, pausedAt: "change-filled")
    #expect(try ferry.scalar(digest) == before)
    try script(
      """
      UPDATE vector_documents t SET embedding_32 = (
        SELECT o.embedding_32 FROM vector_documents o WHERE o.text = 'document 6')
      WHERE t.text = 'document 5';
      INSERT INTO vector_documents (user_id, collection_name, text, embedding, embedding_32)
      SELECT 'ann', 'notes', 'one with a vector of its own', o.embedding, o.embedding_32
      FROM vector_documents o WHERE o.text = 'document 6';
      -- As a subscriber of logical replication writes it.
      SET session_replication_role = replica;
      UPDATE vector_documents SET text = 'replayed from elsewhere' WHERE text = 'document 11';
      """, ferry)
    #expect(try run.resume().status == 0)
    try ferry.expectPaired()
  }

  @Test func `a trigger that was switched off lets everything be filled anew, and paid for once`()
    throws
  {
    let ferry = try Ferry()
    try ferry.fillTable(rows: 60, dimensions: 96)
    let run = try ferry.startReembedding(service, pausedAt: "change-filled")
    try script(
      """
      ALTER TABLE vector_documents DISABLE TRIGGER USER;
      UPDATE vector_documents SET text = 'unnoticed' WHERE text = 'document 5';
      """, ferry)
    let outcome = try run.resume()
    #expect(outcome.status == 0, "\(outcome.errorText)")
    #expect(outcome.errorText.contains("every row is filled again"))
    try ferry.expectPaired()
    #expect(try service.questions.flatMap(\.texts).count == 1 + 60 + 1)
  }

  // MARK: What breaks

  @Test func `a text that is refused ends the run by its key, and is shown nowhere`() throws {
    let ferry = try Ferry()
    try ferry.fillTable(rows: 60, dimensions: 96)
    try script(
      """
      UPDATE vector_documents SET text = 'a canary is UNWANTED here' WHERE text = 'document 7';
      """, ferry)
    let key: String? = try ferry.scalar(
      "SELECT id::text FROM vector_documents WHERE text LIKE '%canary%'")
    let outcome = try reembed(ferry)
    #expect(outcome.status == 1, "\(outcome.errorText)")
    #expect(outcome.errorText.contains("row \(try #require(key)) cannot be embedded: status 400"))
    #expect(outcome.errorText.contains("dimensions undo"))
    let shown = outcome.text + outcome.errorText
    #expect(!shown.contains("canary") && !shown.contains("sk-fake"))
    #expect(try ferry.scalar("SELECT count(embedding_32) FROM vector_documents") == 59)
    let files = try contents(of: ferry.folder.path)
    #expect(files.values.allSatisfy { $0.range(of: Data("canary".utf8)) == nil })
    #expect(files.values.allSatisfy { $0.range(of: Data("sk-fake".utf8)) == nil })
    try script("UPDATE vector_documents SET text = 'welcome' WHERE text LIKE '%canary%'", ferry)
    #expect(try reembed(ferry).status == 0)
    try ferry.expectPaired()
  }

  @Test func `a row without a text that comes later is named, and the run goes on after it`() throws
  {
    let ferry = try Ferry()
    try ferry.fillTable(rows: 60, dimensions: 96)
    let run = try ferry.startReembedding(service, pausedAt: "change-filled")
    try script("UPDATE vector_documents SET text = '   ' WHERE text = 'document 7'", ferry)
    let outcome = try run.resume()
    #expect(outcome.status == 1, "\(outcome.errorText)")
    #expect(
      outcome.errorText.contains("cannot be embedded: it contains only white space"))
    try script("DELETE FROM vector_documents WHERE text = '   '", ferry)
    #expect(try reembed(ferry).status == 0)
    try ferry.expectPaired()
  }

  @Test
  func `a service that gives up, an interruption and a lost connection leave it to the next run`()
    throws
  {
    let ferry = try Ferry()
    try ferry.fillTable(rows: 300, dimensions: 96)
    try service.plan(#"[{}, {}, {"status": 401, "body": ""}]"#)
    let broken = try reembed(ferry)
    #expect(broken.status == 1 && broken.errorText.contains("the key is not accepted"))
    #expect(broken.errorText.contains("run again to continue from here"), "\(broken.errorText)")
    // Rows are written when all texts of a page are embedded; the answers so far are in the cache.
    #expect(try ferry.scalar("SELECT count(embedding_32) FROM vector_documents") == 0)

    try service.plan(#"[{"delay": 20}]"#)
    let stopped = try ferry.start(
      "dimensions", "change", "--reembed", environment: service.asOpenAI())
    let count = try service.questions.count
    try service.wait { $0 == count }
    #expect(
      try ferry.scalar(
        """
        SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()
          AND state = 'idle in transaction'
        """) == 0)
    stopped.signal(SIGINT)
    #expect(try stopped.finish().status == 130)
    try ferry.settle()

    let lost = try ferry.startReembedding(service, pausedAt: "change-embedded")
    try script(
      """
      SELECT pg_terminate_backend(pid) FROM pg_stat_activity
      WHERE datname = current_database() AND pid <> pg_backend_pid()
      """, ferry)
    let outcome = try lost.resume()
    #expect(outcome.status == 1 && outcome.errorText.contains("run again"), "\(outcome.errorText)")
    #expect(try reembed(ferry).status == 0)
    try ferry.expectPaired()
    let texts = try service.questions.flatMap(\.texts).filter { $0 != "ferry" }
    // The refused request and the interrupted requests were sent again.
    #expect(Set(texts).count == 300 && texts.count <= 300 + 3 * 128, "\(texts.count)")
  }

  @Test func `writers are let go when the last embeddings take long, and it is said`() throws {
    let ferry = try Ferry()
    try ferry.fillTable(rows: 60, dimensions: 96)
    let run = try ferry.startReembedding(service, pausedAt: "change-indexed")
    let old = try ferry.database.connect()
    try old.execute(
      script: "BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT count(*) FROM pg_class")
    run.signal(SIGUSR1)
    #expect(
      run.waitForError("Waiting for the transaction of server process \(old.backendPID)"),
      "\(run.errors)")
    // All rows are filled: the new row is left to the end, and the answer for it comes too late.
    let insert = """
      INSERT INTO vector_documents (user_id, collection_name, text, embedding)
      SELECT 'ann', 'notes', 'late one', embedding FROM vector_documents
      WHERE text = 'document 1'
      """
    try script(insert, ferry)
    let asked = try service.questions.count
    try service.plan(#"[{"delay": 6}]"#)
    try old.execute(script: "COMMIT")
    try service.wait { $0 == asked }
    let began = Date()
    try script(insert.replacingOccurrences(of: "late one", with: "later one"), ferry)
    let waited = Date().timeIntervalSince(began)
    #expect(waited > 1 && waited < 5, "\(waited)")
    let outcome = try run.finish()
    #expect(outcome.status == 0, "\(outcome.errorText)")
    #expect(
      outcome.errorText.contains("took longer than 3 seconds, during which nobody could write"))
    try ferry.expectPaired()
  }
}

extension DimensionReembedTests {
  @Test func `a service that takes long loses no session to the server's limit on idle ones`()
    throws
  {
    let ferry = try Ferry()
    try ferry.fillTable(rows: 60, dimensions: 96)
    let database = Identifier(ferry.database.name)
    try ferry.database.connect().execute(
      script: "ALTER DATABASE \(database) SET idle_session_timeout = '300ms'")
    try service.plan(#"[{}, {"delay": 1}]"#)
    let outcome = try reembed(ferry)
    #expect(outcome.status == 0, "\(outcome.errorText)")
    try ferry.expectPaired()
  }

  @Test func `whoever has read the table and goes on to write is let through`() throws {
    let ferry = try Ferry()
    try ferry.fillTable(rows: 60, dimensions: 96)
    let run = try ferry.startReembedding(service, pausedAt: "change-held")
    let target = try ferry.database.target
    let failure = Mutex<String?>(nil)
    let done = DispatchGroup()
    done.enter()
    // This session waits for the run, which would have to wait for this session.
    Thread.detachNewThread {
      do {
        let client = try Connection.open(target, settings: .untouched)
        try client.transaction {
          try client.query("SELECT count(*) FROM vector_documents")
          try client.query(
            """
            INSERT INTO vector_documents (user_id, collection_name, text, embedding)
            SELECT 'ann', 'notes', 'written after a look', embedding FROM vector_documents LIMIT 1
            """)
        }
      } catch {
        failure.withLock { $0 = "\(error)" }
      }
      done.leave()
    }
    let waits: SQL = """
      SELECT EXISTS (SELECT FROM pg_stat_activity
        WHERE datname = current_database() AND wait_event_type = 'Lock')
      """
    for _ in 0..<200 {
      if try ferry.scalar(waits) == true { break }
      usleep(5_000)
    }
    run.signal(SIGUSR1)
    done.wait()
    #expect(failure.withLock { $0 } == nil)
    let outcome = try run.resume()
    #expect(outcome.status == 0, "\(outcome.errorText)")
    #expect(try ferry.scalar("SELECT count(*) FROM vector_documents") == 61)
    try ferry.expectPaired()
  }

  @Test(arguments: [true, false])
  func `a process that is stopped under the lock holds writers for seconds, not for good`(
    reembeds: Bool
  ) throws {
    let ferry = try Ferry()
    try ferry.fillTable(rows: 160, dimensions: 96)
    let run =
      try reembeds
      ? ferry.startReembedding(service, pausedAt: "change-held")
      : ferry.startChange(to: 64, pausedAt: "change-locked")
    run.signal(SIGSTOP)
    let began = Date()
    try ferry.database.connect().query("UPDATE vector_documents SET metadata = '{}'")
    #expect(Date().timeIntervalSince(began) < 15)
    run.signal(SIGKILL)
    _ = try run.finish()
    guard reembeds else {
      #expect(try ferry.run("dimensions", "change", "--to", "64").status == 0)
      return
    }
    #expect(try ferry.reembed(service).status == 0)
    try ferry.expectPaired()
  }
}

extension EmbeddingService {
  /// Waits while `isSuch` is true for the number of requests.
  fileprivate func wait(_ isSuch: (Int) -> Bool) throws {
    for _ in 0..<2000 {
      guard try isSuch(questions.count) else { return }
      usleep(5_000)
    }
  }
}

extension Ferry {
  /// Embeds all texts again, with the number of dimensions that the service has.
  func reembed(_ service: EmbeddingService, _ more: [String] = []) throws -> ProcessOutcome {
    try TestSupport.run(
      Self.binary, ["dimensions", "change", "--reembed"] + more,
      environment: Self.clean(database.url, service.asOpenAI()), directory: folder.path)
  }

  /// Starts to embed all texts again, and waits until the run pauses at a stage.
  func startReembedding(_ service: EmbeddingService, pausedAt stage: String) throws -> RunningFerry
  {
    let run = try start(
      "dimensions", "change", "--reembed",
      environment: service.asOpenAI().merging(["VECTOR_FERRY_PAUSE_AT": stage]) { $1 })
    #expect(run.waitForError("paused at \(stage)"), "\(stage): \(run.errors)")
    return run
  }

  /// Expects that each row has the vector that the service makes of the row's present text.
  func expectPaired() throws {
    let rows = try database.connect().query(
      "SELECT id::text, text, embedding::text FROM vector_documents ORDER BY id")
    let texts = try (0..<rows.rowCount).map { try rows.value($0, 1, as: String.self) }
    let other = try EmbeddingService()
    let expected = try withExtendedLifetime(other) {
      try NewModel(other.asOpenAI()).vectors(texts)
    }
    let strange = try (0..<rows.rowCount).filter { row in
      let text = try rows.optional(row, 2, as: String.self) ?? "[]"
      let found = text.dropFirst().dropLast().split(separator: ",").compactMap { Float($0) }
      let far = zip(found, expected[row]).map { abs($0 - $1) }.max() ?? 1
      return found.count != expected[row].count || far > 1e-5
    }
    #expect(strange.map { texts[$0] } == [])
  }
}
