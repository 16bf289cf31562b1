import Foundation
import Postgres
import TestSupport
import Testing

@Suite(.needsServer)
struct IndexCommandTests {
  /// Creates a migrated store of one document, and `rows` rows of the application.
  static func fleet(rows: Int, dimensions: Int = 16) throws -> Ferry {
    let ferry = try Ferry()
    try ferry.writeStore(rows: Ferry.rows(1, dimensions: dimensions), texts: Ferry.texts(1))
    try ferry.run("--dimensions", "\(dimensions)")
    try ferry.database.connect().query(
      """
      INSERT INTO vector_documents (user_id, collection_name, text, embedding)
      SELECT 'ann', 'notes', 'added ' || r,
             (SELECT array_agg((random() + 0 * (r + d))::real)::vector
              FROM generate_series(1, \(dimensions)) d)
      FROM generate_series(1, \(rows)) r
      """)
    return ferry
  }

  @Test func `build says what it needs, builds, and finds it done; status shows it`() throws {
    let ferry = try Self.fleet(rows: 1200)
    let dry = try ferry.run("index", "build", "--dry-run")
    #expect(dry.status == 0, "\(dry.errorText)")
    #expect(
      dry.text.contains(
        "HNSW index on public.vector_documents, embedding (m 16, ef_construction 64)"))
    #expect(dry.text.contains("Memory: needs"))
    #expect(try ferry.run("index", "status").text.contains("No vector index"))
    let built = try ferry.run("index", "build")
    #expect(built.status == 0, "\(built.errorText)")
    #expect(built.text.contains("✅ Built public.vector_documents_embedding_hnsw_idx"))
    #expect(try ferry.run("index", "build").text.contains("exists already"))
    let status = try ferry.run("index", "status")
    #expect(status.status == 0)
    #expect(status.text.contains("HNSW (m 16, ef_construction 64)"), "\(status.text)")
    #expect(status.text.contains("over 1,201 rows"), "\(status.text)")
    let refused = try ferry.run("index", "build", "--method", "ivfflat")
    #expect(refused.status == 3)
    #expect(refused.errorText.contains("index convert ivfflat"))
  }

  @Test func `convert shows both indexes, tune its table, and the functions carry the setting`()
    throws
  {
    let ferry = try Self.fleet(rows: 2000, dimensions: 32)
    #expect(try ferry.run("index", "convert", "hnsw").status == 3, "there is nothing to convert")
    #expect(try ferry.run("index", "build", "--method", "ivfflat", "--lists", "20").status == 0)
    let converted = try ferry.run("index", "convert", "hnsw", "--queries", "20")
    #expect(converted.status == 0, "\(converted.text)\(converted.errorText)")
    let lines = converted.text.split(separator: "\n")
    #expect(lines.contains { $0.hasPrefix("before") && $0.contains("IVFFlat (lists 20)") })
    #expect(lines.contains { $0.hasPrefix("after") && $0.contains("hnsw.ef_search = ") })
    #expect(converted.text.contains("✅ Converted to HNSW"))
    #expect(try ferry.run("index", "convert", "hnsw").text.contains("nothing to convert"))
    let tuned = try ferry.run("index", "tune", "--recall", "0.5", "--apply", "--json")
    #expect(tuned.status == 0, "\(tuned.errorText)")
    let document = try Ferry.json(tuned)
    #expect((document["settings"] as? [[String: Any]])?.count == 7)
    let recommended = try #require(document["recommended"] as? [String: Any])
    #expect(recommended["value"] as? Int == 40)
    #expect(try ferry.run("index", "status").text.contains("use hnsw.ef_search=40"))
    #expect(try ferry.run("index", "tune", "--recall", "1", "--queries", "5").text.contains("←"))
  }

  @Test func `a build that is blocked names the process on standard error`() throws {
    let ferry = try Self.fleet(rows: 1100)
    let blocker = try ferry.database.connect()
    try blocker.execute(
      script: """
        SET idle_in_transaction_session_timeout = '60s';
        BEGIN; UPDATE vector_documents SET text = text WHERE text = 'added 1'
        """)
    let running = try ferry.start("index", "build", "--json")
    #expect(running.waitForError("the build waits for process \(blocker.backendPID)"))
    try blocker.query("ROLLBACK")
    let outcome = try running.finish()
    #expect(outcome.status == 0, "\(outcome.errorText)")
    let built = try #require(try Ferry.json(outcome)["built"] as? [String: Any])
    let waited = try #require(built["waited_for"] as? [[String: Any]])
    #expect(waited.first?["pid"] as? Int == blocker.backendPID)
    #expect(waited.first?["state"] as? String == "idle in transaction")
  }

  @Test
  func `killed in a concurrent build: status finds it, repair mends it, nothing else changes`()
    throws
  {
    let ferry = try Self.fleet(rows: Oracle.isFullRun ? 20_000 : 12_000, dimensions: 256)
    let before = try ferry.contentDigest()
    let indexes = try Self.otherIndexes(ferry)
    let running = try ferry.start("index", "build", "--concurrently", "yes", "--workers", "0")
    #expect(try Self.wait(for: "building index: loading tuples", in: ferry))
    running.signal(SIGKILL)
    #expect(try running.finish().status == -SIGKILL)
    try ferry.settle()
    let found = try ferry.run("index", "status")
    #expect(found.status == 1)
    #expect(found.text.contains("INVALID"), "\(found.text)")
    let repaired = try ferry.run("index", "repair")
    #expect(repaired.status == 0, "\(repaired.errorText)")
    #expect(
      repaired.text.contains("✅ Rebuilt public.vector_documents_embedding_hnsw_idx"),
      "\(repaired.text)")
    #expect(try ferry.run("index", "status").status == 0)
    #expect(try ferry.contentDigest() == before)
    #expect(try Self.otherIndexes(ferry) == indexes)
    #expect(try ferry.run("index", "repair").text.contains("No index is INVALID"))
  }

  @Test
  func `a conversion that is killed leaves the old index in service, and the next one ends it`()
    throws
  {
    // The build must take longer than the second in which the server notices the kill, also on a
    // fast processor.
    let ferry = try Self.fleet(rows: 12_000, dimensions: 256)
    #expect(try ferry.run("index", "build", "--method", "ivfflat").status == 0)
    let running = try ferry.start("index", "convert", "hnsw", "--workers", "0")
    #expect(try Self.wait(for: "building index: loading tuples", in: ferry))
    running.signal(SIGKILL)
    #expect(try running.finish().status == -SIGKILL)
    try ferry.settle()
    let status = try ferry.run("index", "status")
    #expect(status.status == 1)
    #expect(status.text.contains("IVFFlat (lists 12) on embedding, vector_cosine_ops, valid"))
    #expect(status.text.contains("vector_cosine_ops, INVALID"))
    let again = try ferry.run("index", "convert", "hnsw", "--queries", "10")
    #expect(again.status == 0, "\(again.text)\(again.errorText)")
    #expect(again.text.contains("which a failed build had left INVALID"))
    let after = try ferry.run("index", "status")
    #expect(after.status == 0)
    #expect(!after.text.contains("IVFFlat"), "\(after.text)")
  }

  @Test func `interrupted, a concurrent build leaves nothing, and says so by its exit code`() throws
  {
    let ferry = try Self.fleet(rows: 4000, dimensions: 256)
    let running = try ferry.start("index", "build", "--concurrently", "yes", "--workers", "0")
    #expect(try Self.wait(for: "building index: loading tuples", in: ferry))
    running.signal(SIGINT)
    #expect(try running.finish().status == 130)
    let status = try ferry.run("index", "status")
    #expect(status.status == 0, "\(status.text)")
    #expect(status.text.contains("No vector index"))
  }

  @Test
  func `interrupted while it waits, a build says what it had to leave, and its plan is there`()
    throws
  {
    let ferry = try Self.fleet(rows: 1100)
    let blocker = try ferry.database.connect()
    try blocker.execute(
      script: """
        SET idle_in_transaction_session_timeout = '30s';
        BEGIN; UPDATE vector_documents SET text = text WHERE text = 'added 1'
        """)
    let running = try ferry.start("index", "build")
    #expect(running.waitForError("the build waits for process \(blocker.backendPID)"))
    running.signal(SIGINT)
    #expect(running.waitForError("Dropping public.vector_documents_embedding_hnsw_idx"))
    let stopped = try running.finish()
    #expect(stopped.status == 130)
    #expect(
      stopped.errorText.contains(
        "vector_documents_embedding_hnsw_idx was left INVALID; run: vector-ferry index repair"),
      "\(stopped.errorText)")
    let again = try ferry.start("index", "build")
    #expect(again.waitForError("waits for process \(blocker.backendPID)"))
    // The second signal ends the process at once; the lines printed before are still there.
    again.signal(SIGINT)
    usleep(300_000)
    again.signal(SIGINT)
    let killed = try again.finish()
    #expect(killed.status == 130)
    #expect(killed.text.contains("HNSW index on public.vector_documents"), "\(killed.text)")
    try blocker.query("ROLLBACK")
    try ferry.settle()
    #expect(try ferry.run("index", "repair").status == 0)
    #expect(try ferry.run("index", "status").status == 0)
  }

  @Test func `a server that heeds no cancellation is told of, because others wait for it`() throws {
    let ferry = try Self.fleet(rows: 4000, dimensions: 256)
    let running = try ferry.start("index", "build", "--concurrently", "no", "--workers", "0")
    #expect(try Self.wait(for: "building index: loading tuples", in: ferry))
    let found: Int? = try ferry.scalar(
      """
      SELECT pid::int8 FROM pg_stat_progress_create_index WHERE datname = current_database()
      """)
    let process = pid_t(try #require(found))
    try #require(kill(process, SIGSTOP) == 0)
    defer { kill(process, SIGCONT) }
    running.signal(SIGINT)
    let outcome = try running.finish()
    #expect(outcome.status == 130)
    #expect(
      outcome.errorText.contains("process \(process) of the server has not stopped yet"),
      "\(outcome.errorText)")
  }

  @Test func `a conversion that cannot be measured says so, and keeps the old index`() throws {
    let ferry = try Self.fleet(rows: 0)
    #expect(try ferry.run("index", "build", "--method", "hnsw").status == 0)
    let outcome = try ferry.run("index", "convert", "ivfflat")
    #expect(outcome.status == 1)
    #expect(
      outcome.text.contains(
        "❌ Not converted: searches do not use the new index; the old index is still used"),
      "\(outcome.text)")
    #expect(!outcome.text.contains("--lists"), "\(outcome.text)")
  }

  @Test func `a server that is not there is no broken build`() throws {
    let ferry = try Ferry()
    for command in [["status"], ["build"], ["convert", "hnsw"], ["tune"], ["repair"]] {
      let outcome = try TestSupport.run(
        Ferry.binary,
        ["index"] + command + ["--database-url", "postgresql://nobody@127.0.0.1:1/none"],
        environment: try Ferry.clean(ferry.database.url, [:]), directory: ferry.folder.path)
      #expect(outcome.status == 3 && outcome.errorText.contains("cannot connect"), "\(command)")
      #expect(!outcome.errorText.contains("index repair"), "\(outcome.errorText)")
    }
  }

  @Test func `in one file the plan stands before the warnings that belong to it`() throws {
    let ferry = try Self.fleet(rows: 1100, dimensions: 128)
    let outcome = try TestSupport.run(
      "/bin/sh", ["-c", "exec \"$0\" index build --dry-run --memory 1 2>&1", Ferry.binary],
      environment: try Ferry.clean(ferry.database.url, [:]), directory: ferry.folder.path)
    let plan = try #require(outcome.text.range(of: "  Memory: needs"))
    let warning = try #require(outcome.text.range(of: "warning: the build needs"))
    #expect(plan.lowerBound < warning.lowerBound, "\(outcome.text)")
  }

  @Test func `after a change of dimensions the index of the old column is left alone`() throws {
    let ferry = try Self.fleet(rows: 1500, dimensions: 64)
    #expect(try ferry.run("index", "build").status == 0)
    let changed = try ferry.run(
      "dimensions", "change", "--to", "32", "--no-index", "--min-recall", "0")
    #expect(changed.status == 0, "\(changed.text)\(changed.errorText)")
    let status = try ferry.run("index", "status")
    #expect(status.text.contains("on embedding_64"), "\(status.text)")
    #expect(status.text.contains("do not use this index: the index is not on the column embedding"))
    #expect(status.text.contains("no index for searches by cosine"))
    let built = try ferry.run("index", "build")
    #expect(built.text.contains("✅ Built public.vector_documents_embedding_hnsw_idx1"))
    let converted = try ferry.run("index", "convert", "ivfflat", "--queries", "10")
    #expect(converted.status == 0, "\(converted.text)\(converted.errorText)")
    #expect(try ferry.run("index", "status").text.contains("on embedding_64"))
    #expect(try ferry.run("index", "tune", "--recall", "0.5", "--queries", "5").status == 0)
    #expect(try ferry.run("dimensions", "finish", "--yes").status == 0)
    #expect(try !ferry.run("index", "status").text.contains("HNSW"))
  }

  /// Waits until a build of an index is in this phase.
  static func wait(for phase: String, in ferry: Ferry) throws -> Bool {
    let session = try ferry.database.connect()
    for _ in 0..<2000 {
      let now: String? = try session.scalar(
        """
        SELECT phase FROM pg_stat_progress_create_index WHERE datname = current_database()
        """)
      if now == phase { return true }
      usleep(5000)
    }
    return false
  }

  private static func otherIndexes(_ ferry: Ferry) throws -> String? {
    try ferry.scalar(
      """
      SELECT string_agg(c.relname || c.oid || c.relfilenode || i.indisvalid, ',' ORDER BY c.relname)
      FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid JOIN pg_am a ON a.oid = c.relam
      WHERE i.indrelid = 'vector_documents'::regclass AND a.amname <> 'hnsw'
      """)
  }
}
