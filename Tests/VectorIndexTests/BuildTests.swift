import Clock
import Foundation
import Postgres
import OwnSchema
import Synchronization
import TestSupport
import Testing

@testable import VectorIndex

@Suite(.needsServer)
struct BuildTests {
  @Test func `under a thousand rows nothing is built, from there on HNSW`() throws {
    let bench = try Workbench(rows: 999)
    let before = try BuildDecision.make(BuildRequest(), table: bench.table, on: bench.session)
    guard case .none(let reason) = before else { return #expect(Bool(false), "\(before)") }
    #expect(reason.contains("999 rows"))
    try bench.add(1, dimensions: 16)
    let outcome = try #require(try bench.build(BuildRequest()))
    #expect(outcome.note.rows == 1000)
    let status = try bench.status()
    #expect(status.entries.map(\.index.parameters) == [.hnsw(links: 16, construction: 64)])
    #expect(status.entries.map(\.index.note) == [outcome.note])
    #expect(try bench.build(BuildRequest()) == nil, "a second build finds it done")
    let error = #expect(throws: SchemaError.self) {
      try bench.build(BuildRequest(method: .ivfflat))
    }
    #expect(error?.remedy.contains("index convert ivfflat") == true)
    var denser = BuildRequest(method: .hnsw)
    denser.links = 24
    let other = #expect(throws: SchemaError.self) { try bench.build(denser) }
    #expect(other?.remedy.contains("SET (m = 24, ef_construction = 64)") == true)
  }

  @Test(arguments: IndexMethod.allCases, [false, true])
  func `progress only grows and reaches its end when the build does`(
    method: IndexMethod, isConcurrent: Bool
  ) throws {
    let bench = try Workbench(rows: Oracle.isFullRun ? 100_000 : 6000, dimensions: 64)
    var request = BuildRequest(method: method)
    request.concurrency = isConcurrent ? .always : .never
    try bench.build(request)
    let fractions = bench.progress.map(\.fraction)
    #expect(zip(fractions, fractions.dropFirst()).allSatisfy { $0 <= $1 }, "\(fractions)")
    #expect(fractions.last == 1)
    #expect(fractions.dropLast().allSatisfy { $0 < 1 }, "\(fractions)")
    #expect(bench.progress.dropLast().allSatisfy { $0.phase != "done" })
    #expect(try bench.status().entries.first?.index.isValid == true)
  }

  @Test(arguments: [false, true])
  func `a build that is blocked names the process, and goes on when it is gone`(
    isConcurrent: Bool
  ) throws {
    let bench = try Workbench(rows: 1500)
    let blocker = try bench.database.connect()
    try blocker.execute(
      script: """
        SET application_name = 'a slow writer';
        SET idle_in_transaction_session_timeout = '60s';
        BEGIN; DELETE FROM vector_documents WHERE text = 'text 1'
        """)
    let process = blocker.backendPID
    let seen = Mutex<[String]>([])
    var request = BuildRequest(method: .hnsw)
    request.concurrency = isConcurrent ? .always : .never
    let plan = try #require(try bench.plan(request))
    var fractions: [Double] = []
    let build = IndexBuild(plan, on: bench.session, watcher: try bench.database.connect()) {
      event in
      if case .progress(let now) = event { fractions.append(now.fraction) }
      guard case .waiting(let blocked) = event, blocked.process == process else { return }
      seen.withLock { $0.append(blocked.description) }
      _ = try? blocker.query("COMMIT")
    }
    let outcome = try build.run()
    #expect(outcome.blockers.first?.process == process)
    #expect(outcome.blockers.first?.application == "a slow writer")
    #expect(outcome.blockers.first?.state == "idle in transaction")
    let words = seen.withLock { $0.first } ?? ""
    #expect(words.contains("process \(process) (") && words.contains("a slow writer"), "\(words)")
    #expect(fractions.last == 1)
    #expect(zip(fractions, fractions.dropFirst()).allSatisfy { $0 <= $1 })
  }

  @Test func `the table's options stay as they are, and workers still help`() throws {
    let bench = try Workbench(rows: 6000, dimensions: 64)
    try bench.session.query("ALTER TABLE vector_documents SET (fillfactor = 90)")
    let before = try bench.surroundings()
    let settings = try Self.settings(of: bench.session)
    var request = BuildRequest(method: .hnsw)
    request.workers = 1
    let plan = try #require(try bench.plan(request))
    let watcher = try bench.database.connect()
    let most = Mutex(0)
    _ = try IndexBuild(plan, on: bench.session, watcher: watcher) { event in
      guard case .progress = event else { return }
      let workers: Int? = try? watcher.scalar(
        """
        SELECT count(*) FROM pg_stat_activity
        WHERE backend_type = 'parallel worker' AND datname = current_database()
        """)
      most.withLock { $0 = max($0, workers ?? 0) }
    }.run()
    #expect(most.withLock { $0 } >= 1)
    #expect(try bench.surroundings() == before)
    #expect(try Self.settings(of: bench.session) == settings)
  }

  private static func settings(of session: Connection) throws -> String? {
    try session.scalar(
      """
      SELECT string_agg(name || '=' || setting, ' ' ORDER BY name) FROM pg_settings
      WHERE name IN ('maintenance_work_mem', 'max_parallel_maintenance_workers', 'lock_timeout',
                     'min_parallel_table_scan_size', 'statement_timeout', 'application_name')
      """)
  }

  @Test func `memory that does not last is told, and remembered`() throws {
    let bench = try Workbench(rows: 3000, dimensions: 256)
    var request = BuildRequest(method: .hnsw)
    request.memory = 1 << 20
    let outcome = try #require(try bench.build(request))
    #expect(outcome.memoryNotice?.contains("no longer fits into maintenance_work_mem") == true)
    let lasted = try #require(outcome.note.memoryLasted)
    #expect(lasted > 0 && lasted < 3000)
    let entry = try #require(try bench.status().entries.first)
    #expect(entry.index.note?.memoryLasted == lasted)
    #expect(entry.advice.contains { $0.contains("ran out of memory after \(lasted) rows") })
  }

  @Test func `what IVFFlat is said to need is what the server asks for`() throws {
    let bench = try Workbench(rows: 1000, dimensions: 400)
    var request = BuildRequest(method: .ivfflat)
    request.lists = 300
    let plan = try #require(try bench.plan(request))
    // The server counts in whole megabytes, and says how many it needs.
    let tooLittle = plan.neededMemory - (2 << 20)
    try bench.session.execute(
      script: SQL(script: "SET maintenance_work_mem = '\(tooLittle >> 10)kB'"))
    let error = #expect(throws: PostgresError.self) {
      try bench.session.execute(script: plan.statement)
    }
    let message = error?.serverError?.message ?? ""
    let megabytes = message.split(separator: " ").compactMap { Int($0) }.first ?? 0
    #expect(abs(megabytes - (plan.neededMemory >> 20)) <= 1, "\(message); \(plan.neededMemory)")
  }

  @Test func `a column too wide for an index gets one in half precision`() throws {
    let bench = try Workbench(rows: 40, dimensions: 2001)
    let outcome = try #require(try bench.build(BuildRequest(method: .hnsw)))
    try bench.session.query("SET enable_seqscan = off")
    let rows = try bench.session.query(
      """
      EXPLAIN SELECT id FROM vector_documents
      ORDER BY embedding::halfvec(2001) <=> (SELECT embedding::halfvec(2001) FROM vector_documents LIMIT 1)
      LIMIT 5
      """)
    let lines = try (0..<rows.rowCount).map { try rows.value($0, 0, as: String.self) }
    #expect(lines.contains { $0.contains("using \(outcome.index.name.name)") }, "\(lines)")
  }

  @Test(arguments: [(IndexMethod.hnsw, 32), (.hnsw, 768), (.hnsw, 2000), (.ivfflat, 768)])
  func `the disk that is said to be taken is about what is taken`(
    method: IndexMethod, dimensions: Int
  ) throws {
    let bench = try Workbench(rows: 400, dimensions: dimensions, clusters: 2)
    let plan = try #require(try bench.plan(BuildRequest(method: method)))
    let outcome = try #require(try bench.build(BuildRequest(method: method)))
    let ratio = Double(plan.disk) / Double(outcome.bytes)
    #expect(ratio > 0.75 && ratio < 1.35, "\(plan.disk) for \(outcome.bytes)")
  }

  @Test func `another role's sessions count, and its builds are seen`() throws {
    let bench = try Workbench(rows: 1200)
    let role = "app_\(bench.database.name)"
    try bench.session.execute(
      script: SQL(
        script:
          "CREATE ROLE \(role); GRANT ALL ON SCHEMA public TO \(role); ALTER TABLE vector_documents OWNER TO \(role)"
      ))
    defer {
      _ = try? bench.session.execute(
        script: SQL(script: "RESET ROLE; DROP OWNED BY \(role); DROP ROLE \(role)"))
    }
    let other = try bench.database.connect()
    try other.execute(
      script: "BEGIN; LOCK TABLE vector_documents IN SHARE UPDATE EXCLUSIVE MODE")
    try bench.session.execute(script: SQL(script: "SET ROLE \(role)"))
    let facts = try TableFacts.read(bench.session, table: bench.table)
    #expect(facts.otherSessions == 1)
    #expect(facts.isOwned)
  }

  @Test func `an interrupted build leaves nothing behind`() throws {
    let bench = try Workbench(rows: 6000, dimensions: 128)
    let wish = Atomic(false)
    let session = try bench.database.connect { wish.load(ordering: .relaxed) }
    var request = BuildRequest(method: .hnsw)
    request.concurrency = .always
    request.workers = 0
    let plan = try #require(try bench.plan(request))
    let before = try bench.surroundings()
    let error = #expect(throws: PostgresError.self) {
      try IndexBuild(plan, on: session, watcher: try bench.database.connect()) { event in
        if case .progress(let now) = event, now.fraction > 0.03 {
          wish.store(true, ordering: .relaxed)
        }
      }.run()
    }
    guard case .interrupted? = error else { return #expect(Bool(false), "\(error as Any)") }
    #expect(try bench.status().entries.isEmpty)
    #expect(try bench.surroundings() == before)
  }

  @Test func `interrupted while it waits for others, a build ends soon and says what is left`()
    throws
  {
    let bench = try Workbench(rows: 1500)
    let blocker = try bench.database.connect()
    try blocker.execute(
      script: """
        SET idle_in_transaction_session_timeout = '20s';
        BEGIN; DELETE FROM vector_documents WHERE text = 'text 1'
        """)
    let wish = Atomic(false)
    let session = try bench.database.connect { wish.load(ordering: .relaxed) }
    var request = BuildRequest(method: .hnsw)
    request.concurrency = .always
    let plan = try #require(try bench.plan(request))
    var left: [String] = []
    let start = MonotonicClock.seconds()
    let error = #expect(throws: PostgresError.self) {
      try IndexBuild(plan, on: session, watcher: try bench.database.connect()) { event in
        if case .waiting = event { wish.store(true, ordering: .relaxed) }
        if case .leftInvalid(let name, let remedy) = event { left.append("\(name): \(remedy)") }
      }.run()
    }
    #expect(MonotonicClock.seconds() - start < 10)
    guard case .interrupted? = error else { return #expect(Bool(false), "\(error as Any)") }
    #expect(
      left == ["public.vector_documents_embedding_hnsw_idx: vector-ferry index repair"])
    #expect(try bench.status().hasInvalid)
    #expect(try session.uninterruptibly { try session.scalar("SHOW lock_timeout") } == "0")
    try blocker.query("ROLLBACK")
    #expect(try bench.build(request) != nil)
    #expect(try !bench.status().hasInvalid)
  }

  @Test func `a leftover that cannot be dropped at once is waited for by name`() throws {
    let bench = try Workbench(rows: 1500)
    let plan = try #require(try bench.plan(BuildRequest()))
    _ = try IndexBuild(plan, on: bench.session, watcher: nil).run()
    try bench.session.execute(
      script: SQL(
        script:
          "UPDATE pg_index SET indisvalid = false WHERE indexrelid = '\(plan.index)'::regclass"
      ))
    let reader = try bench.database.connect()
    try reader.execute(
      script: """
        SET idle_in_transaction_session_timeout = '20s';
        BEGIN; SELECT count(*) FROM vector_documents
        """)
    var waited: [Int?] = []
    let build = IndexBuild(plan, on: bench.session, watcher: try bench.database.connect()) {
      event in
      guard case .waiting(let who) = event else { return }
      waited.append(who.process)
      _ = try? reader.query("COMMIT")
    }
    #expect(try build.run().removed == [plan.index.description])
    #expect(waited == [reader.backendPID])
  }

  @Test func `the disk that counts is the one that the index goes to`() throws {
    let bench = try Workbench(rows: 10)
    let name = "space_\(bench.database.name)"
    let folder = "/dev/shm/\(name)"
    // The server makes the folder, so that the folder belongs to the server's account.
    try bench.session.execute(
      script: SQL(script: "COPY (SELECT 1) TO PROGRAM 'mkdir -m 700 \(folder)'"))
    defer {
      for script in [
        "RESET default_tablespace", "DROP TABLESPACE IF EXISTS \(name)",
        "COPY (SELECT 1) TO PROGRAM 'rm -rf \(folder)'",
      ] {
        _ = try? bench.session.execute(script: SQL(script: script))
      }
    }
    let usual = try ServerResources.read(bench.session)
    #expect(usual.tablespace == "pg_default")
    try bench.session.execute(
      script: SQL(script: "CREATE TABLESPACE \(name) LOCATION '\(folder)'"))
    // The tablespace of the table does not matter.
    try bench.session.execute(
      script: SQL(script: "ALTER TABLE vector_documents SET TABLESPACE \(name)"))
    #expect(try bench.plan(BuildRequest(method: .hnsw))?.tablespace == "pg_default")
    try bench.session.execute(
      script: SQL(
        script: """
          ALTER TABLE vector_documents SET TABLESPACE pg_default; SET default_tablespace = \(name)
          """))
    let other = try ServerResources.read(bench.session)
    #expect(other.tablespace == name)
    let free = try #require(FreeSpace(at: "/dev/shm")?.bytes)
    let found = try #require(other.disk)
    #expect(abs(found - free) < 512 << 20, "\(found), not \(usual.disk ?? 0)")
    #expect(try bench.plan(BuildRequest(method: .hnsw))?.tablespace == name)
  }

  @Test func `two at a time: the second is told who is at work`() throws {
    let bench = try Workbench(rows: 1000)
    let other = try bench.database.connect()
    let facts = try TableFacts.read(other, table: bench.table)
    try IndexLock(connection: other, table: facts.table).with {
      let error = #expect(throws: IndexLockTaken.self) { try bench.build(BuildRequest()) }
      #expect(error?.process == other.backendPID)
    }
    let plan = try #require(try bench.plan(BuildRequest()))
    #expect(try bench.build(BuildRequest()) != nil)
    // This build was planned before the other build was complete, and begins after it.
    let late = #expect(throws: IndexBuiltMeanwhile.self) {
      try IndexBuild(plan, on: bench.session, watcher: nil).run()
    }
    #expect(late?.index.name == plan.index)
  }

  @Test func `partitions are indexed as one where nobody writes`() throws {
    let bench = try Workbench(rows: 0)
    try bench.session.execute(
      script: """
        CREATE TABLE parts (LIKE vector_documents INCLUDING DEFAULTS) PARTITION BY HASH (user_id);
        CREATE TABLE part_0 PARTITION OF parts FOR VALUES WITH (MODULUS 2, REMAINDER 0);
        CREATE TABLE part_1 PARTITION OF parts FOR VALUES WITH (MODULUS 2, REMAINDER 1)
        """)
    let table = QualifiedName("parts")
    var request = BuildRequest(method: .hnsw)
    request.concurrency = .always
    #expect(throws: SchemaError.self) {
      _ = try BuildDecision.make(request, table: table, on: bench.session)
    }
    request.concurrency = .never
    guard
      case .build(let plan) = try BuildDecision.make(request, table: table, on: bench.session)
    else { return #expect(Bool(false), "no plan") }
    _ = try IndexBuild(plan, on: bench.session, watcher: nil).run()
    let valid: Int? = try bench.session.scalar(
      """
      SELECT count(*) FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid
      JOIN pg_am a ON a.oid = c.relam WHERE a.amname = 'hnsw' AND i.indisvalid
      """)
    #expect(valid == 3)
  }
}
