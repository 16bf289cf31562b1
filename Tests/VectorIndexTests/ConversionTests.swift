import Foundation
import Postgres
import OwnSchema
import Synchronization
import TestSupport
import Testing

@testable import VectorIndex

@Suite(.needsServer)
struct ConversionTests {
  private static func request(_ method: IndexMethod, lists: Int? = nil) -> IndexConversion.Request {
    var build = BuildRequest(method: method)
    build.lists = lists
    return IndexConversion.Request(build)
  }

  @Test(arguments: [(IndexMethod.ivfflat, IndexMethod.hnsw), (.hnsw, .ivfflat)])
  func `while a client inserts and searches, no error, never a search without results`(
    from: IndexMethod, to: IndexMethod
  ) throws {
    let rows = Oracle.isFullRun ? 20_000 : 3000
    let bench = try Workbench(rows: rows, dimensions: 64, clusters: 1)
    try bench.build(BuildRequest(method: from))
    let client = try Client(bench.database)
    client.waitUntilBoth(have: 1)
    let outcome = try IndexConversion(
      table: bench.table, on: bench.session, watcher: try bench.database.connect()
    ).run(to: to, Self.request(to))
    // The application continues with the new index; the number of its statements during the
    // conversion depends on the machine.
    client.waitUntilBoth(have: 21)
    let report = client.stop()
    #expect(report.failure == nil, "\(report.failure ?? "")")
    #expect(report.searches > 20 && report.inserts > 20, "\(report)")
    #expect(report.fewest == 10, "a search came back with \(report.fewest)")
    #expect(outcome.ending == .converted)
    let before = try #require(outcome.old?.quality)
    let after = try #require(outcome.new.quality)
    print(
      "convert \(from) → \(to): recall@10 \(before.recall) → \(after.recall),",
      "\(report.searches) searches and \(report.inserts) inserts meanwhile")
    #expect(after.recall >= before.recall - 0.02)
    #expect(before.fewest == 10 && after.fewest == 10)
    let status = try bench.status()
    #expect(status.entries.map(\.index.method) == [to])
    #expect(!status.hasInvalid)
    let count: Int? = try bench.session.scalar("SELECT count(*) FROM vector_documents")
    #expect(count == rows + report.inserts)
  }

  @Test func `the figures of each index are its own, and other sessions notice nothing`() throws {
    let bench = try Workbench(rows: 4000, dimensions: 32)
    var poor = BuildRequest(method: .ivfflat)
    poor.lists = 100
    try bench.build(poor)
    // A second index is made next to the first, as during a conversion.
    try bench.session.execute(
      script: """
        CREATE INDEX graph ON vector_documents USING hnsw (embedding vector_cosine_ops)
        """)
    let facts = try TableFacts.read(bench.session, table: bench.table)
    let indexes = try IndexCatalogue(facts, connection: bench.session).serving()
    let graph = try #require(indexes.first { $0.method == .hnsw })
    let lists = try #require(indexes.first { $0.method == .ivfflat })
    let trial = SearchTrial(facts: facts, connection: bench.session, queries: 20)
    let found = try trial.run([
      (lists, [1, 100].map { SearchSetting(.ivfflat, $0) }), (graph, [SearchSetting(.hnsw, 200)]),
    ])
    let few = try #require(found[0]?[0])
    let all = try #require(found[0]?[1])
    #expect(few.recall < 0.9, "one list of a hundred finds few: \(few.recall)")
    #expect(all.recall == 1, "all lists are an exact scan")
    #expect(try #require(found[1]?[0]).recall > few.recall)
    #expect(try bench.session.scalar("SHOW enable_seqscan", as: String.self) == "on")
    #expect(try bench.session.scalar("SHOW plan_cache_mode", as: String.self) == "auto")
  }

  @Test func `a new index that finds less is taken back, and the old one serves on`() throws {
    let bench = try Workbench(rows: 2000, dimensions: 32)
    try bench.build(BuildRequest(method: .hnsw))
    var request = Self.request(.ivfflat)
    // With a negative tolerance, the index would have to find more than all rows.
    request.tolerance = -1
    let outcome = try IndexConversion(
      table: bench.table, on: bench.session, watcher: nil
    ).run(to: .ivfflat, request)
    #expect(outcome.ending == .refused)
    #expect(try bench.status().entries.map(\.index.method) == [.hnsw])
  }

  @Test func `stopped before the old one went, a conversion is taken up`() throws {
    let bench = try Workbench(rows: 2000, dimensions: 32)
    try bench.build(BuildRequest(method: .ivfflat))
    try bench.session.execute(
      script: "CREATE INDEX graph ON vector_documents USING hnsw (embedding vector_cosine_ops)")
    #expect(try bench.status().advice.first?.contains("index convert") == true)
    let outcome = try IndexConversion(table: bench.table, on: bench.session, watcher: nil)
      .run(to: .hnsw, Self.request(.hnsw))
    #expect(outcome.ending == .converted)
    #expect(outcome.built == nil)
    #expect(try bench.status().entries.map(\.index.name.name) == ["graph"])
    let again = try IndexConversion(table: bench.table, on: bench.session, watcher: nil)
      .run(to: .hnsw, Self.request(.hnsw))
    #expect(again.ending == .unchanged)
  }

  @Test func `stopped while the old one goes, a conversion says so, and the next one drops it`()
    throws
  {
    let bench = try Workbench(rows: 2000, dimensions: 32)
    try bench.build(BuildRequest(method: .ivfflat))
    try bench.session.execute(
      script: "CREATE INDEX graph ON vector_documents USING hnsw (embedding vector_cosine_ops)")
    let reader = try bench.database.connect()
    try reader.execute(
      script: """
        SET idle_in_transaction_session_timeout = '30s';
        BEGIN; SELECT count(*) FROM vector_documents
        """)
    let wish = Atomic(false)
    let session = try bench.database.connect { wish.load(ordering: .relaxed) }
    var left: [String] = []
    #expect(throws: PostgresError.self) {
      try IndexConversion(
        table: bench.table, on: session, watcher: try bench.database.connect()
      ) { event in
        if case .waiting = event { wish.store(true, ordering: .relaxed) }
        if case .leftInvalid(let name, _) = event { left.append(name) }
      }.run(to: .hnsw, Self.request(.hnsw))
    }
    #expect(left == ["public.vector_documents_embedding_ivfflat_idx"])
    try reader.query("COMMIT")
    let next = try IndexConversion(table: bench.table, on: bench.session, watcher: nil)
      .run(to: .hnsw, Self.request(.hnsw))
    #expect(next.ending == .unchanged)
    #expect(try bench.status().entries.map(\.index.name.name) == ["graph"])
  }

  @Test func `other parameters of the same method are refused with the statements that set them`()
    throws
  {
    let bench = try Workbench(rows: 1200)
    try bench.build(BuildRequest())
    let conversion = IndexConversion(table: bench.table, on: bench.session, watcher: nil)
    var build = BuildRequest(method: .hnsw)
    build.links = 16
    #expect(try conversion.run(to: .hnsw, .init(build)).ending == .unchanged)
    build.links = 40
    let error = #expect(throws: SchemaError.self) { try conversion.run(to: .hnsw, .init(build)) }
    #expect(error?.remedy.contains("SET (m = 40, ef_construction = 80)") == true)
    build.construction = 60
    let impossible = #expect(throws: SchemaError.self) {
      try conversion.run(to: .hnsw, .init(build))
    }
    #expect(impossible?.problem.contains("less than twice m") == true)
  }

  @Test func `a partitioned table and its partitions are refused before anything is built`() throws
  {
    let bench = try Workbench(rows: 200)
    try bench.partition()
    let before = try bench.vectorIndexes()
    for (table, words) in [("parts", "is partitioned"), ("part_0", "cannot be dropped alone")] {
      let error = #expect(throws: SchemaError.self) {
        try IndexConversion(
          table: QualifiedName(Identifier(table)), on: bench.session, watcher: nil
        )
        .run(to: .ivfflat, Self.request(.ivfflat))
      }
      #expect(error?.problem.contains(words) == true, "\(error as Any)")
      #expect(error?.remedy.contains("DROP INDEX") == true)
    }
    #expect(try bench.vectorIndexes() == before)
  }

  @Test func `wide columns are measured through their half precision`() throws {
    let bench = try Workbench(rows: 60, dimensions: 2100)
    try bench.build(BuildRequest(method: .hnsw))
    let outcome = try IndexTuning(table: bench.table, on: bench.session).run(.init())
    #expect(outcome.isReached)
  }
}

/// An application that searches and inserts until `stop`.
private final class Client: Sendable {
  struct Report: Sendable {
    var searches = 0
    var inserts = 0
    var fewest = Int.max
    var failure: String?
  }

  private let isOver = Atomic(false)
  private let report = Mutex(Report())
  private let running = Atomic(0)

  init(_ database: TestDatabase) throws {
    let target = try database.target
    for work in [search, insert] {
      running.add(1, ordering: .sequentiallyConsistent)
      let thread = Thread { [self] in
        defer { running.subtract(1, ordering: .sequentiallyConsistent) }
        do {
          let session = try Connection.open(target, settings: .untouched)
          while !isOver.load(ordering: .relaxed) {
            try work(session)
            usleep(2000)
          }
        } catch {
          let failure = "\(error)"
          report.withLock { $0.failure = failure }
        }
      }
      thread.start()
    }
  }

  private func search(_ session: Connection) throws {
    let rows = try session.query(
      """
      SELECT id FROM vector_documents
      ORDER BY embedding <=> (SELECT embedding FROM vector_documents LIMIT 1) LIMIT 10
      """)
    let count = rows.rowCount
    report.withLock {
      $0.searches += 1
      $0.fewest = min($0.fewest, count)
    }
  }

  private func insert(_ session: Connection) throws {
    try session.query(
      """
      INSERT INTO vector_documents (user_id, collection_name, text, embedding)
      SELECT user_id, collection_name, 'inserted', embedding
      FROM vector_documents OFFSET 17 LIMIT 1
      """)
    report.withLock { $0.inserts += 1 }
  }

  /// Waits until the application has made this number of searches and of inserts, or a statement
  /// has failed; at most a minute.
  func waitUntilBoth(have count: Int) {
    for _ in 0..<12_000 {
      let isOver = report.withLock {
        $0.failure != nil || $0.searches >= count && $0.inserts >= count
      }
      if isOver { return }
      usleep(5000)
    }
  }

  func stop() -> Report {
    isOver.store(true, ordering: .relaxed)
    while running.load(ordering: .sequentiallyConsistent) > 0 { usleep(5000) }
    return report.withLock { $0 }
  }
}
