import Foundation
import Postgres
import OwnSchema
import TestSupport
import Testing

@testable import VectorIndex

@Suite(.needsServer)
struct TuningTests {
  @Test(arguments: IndexMethod.allCases)
  func `more is found with more, and the least that suffices is recommended and applied`(
    method: IndexMethod
  ) throws {
    let bench = try Workbench(rows: 3000, dimensions: 32)
    try FerrySchema.install(on: bench.session)
    var build = BuildRequest(method: method)
    if method == .ivfflat { build.lists = 40 }
    try bench.build(build)
    var request = IndexTuning.Request()
    request.applies = true
    let outcome = try IndexTuning(table: bench.table, on: bench.session).run(request)
    #expect(outcome.isReached)
    #expect(outcome.recommended.recall >= 0.99)
    let lesser = outcome.qualities.prefix { $0 != outcome.recommended }
    #expect(lesser.allSatisfy { $0.recall < 0.99 })
    #expect(outcome.qualities.last?.recall ?? 0 >= outcome.qualities.first?.recall ?? 1)
    #expect(outcome.qualities.allSatisfy { $0.median > 0 && $0.p95 >= $0.median })
    let overloads: Int? = try bench.session.scalar(
      """
      SELECT count(*) FROM pg_proc WHERE pronamespace = 'vector_ferry'::regnamespace
        AND proname IN ('similarity_search', 'hybrid_search')
      """)
    #expect(outcome.applied.count == overloads)
    let setting = outcome.recommended.setting
    #expect(try bench.status().functionSettings == ["\(setting.name)=\(setting.value)"])
    // Another session has the setting while the function runs, and its own setting afterwards.
    let other = try bench.database.connect()
    try other.query("SELECT '[1]'::vector")
    let before: String? = try other.scalar(SQL(script: "SHOW \(setting.name)"))
    try other.query(
      """
      SELECT * FROM vector_ferry.similarity_search('user 1', 'notes',
        (SELECT embedding FROM vector_documents LIMIT 1), 3)
      """)
    #expect(try other.scalar(SQL(script: "SHOW \(setting.name)"), as: String.self) == before)
  }

  @Test func `a recall that no setting reaches is told, with the best there is`() throws {
    let bench = try Workbench(rows: 1500, dimensions: 32)
    try bench.build(BuildRequest(method: .hnsw))
    var request = IndexTuning.Request()
    request.recall = 1.1
    let outcome = try IndexTuning(table: bench.table, on: bench.session).run(request)
    #expect(!outcome.isReached)
    #expect(outcome.recommended.recall == outcome.qualities.map(\.recall).max())
    #expect(throws: SchemaError.self) {
      let empty = try Workbench(rows: 5)
      _ = try IndexTuning(table: empty.table, on: empty.session).run(request)
    }
  }

  @Test func `a setting that does not reach the recall is not applied, and the remedy works`()
    throws
  {
    let bench = try Workbench(rows: 1500, dimensions: 32)
    try FerrySchema.install(on: bench.session)
    var build = BuildRequest(method: .hnsw)
    build.links = 4
    try bench.build(build)
    var request = IndexTuning.Request()
    request.recall = 1.1
    request.applies = true
    let before = try bench.status().functionSettings
    let outcome = try IndexTuning(table: bench.table, on: bench.session).run(request)
    #expect(!outcome.isReached)
    #expect(outcome.applied == [])
    #expect(try bench.status().functionSettings == before)
    let remedy = try #require(outcome.remedy)
    #expect(remedy.contains("SET (m = 24, ef_construction = 128)"), "\(remedy)")
    #expect(remedy.contains("the index has m 4, ef_construction 64"))
    #expect(remedy.contains("index tune --recall "))
    for statement in remedy.split(separator: ", then ").prefix(2) {
      try bench.session.execute(script: SQL(script: String(statement)))
    }
    #expect(
      try bench.status().entries.map(\.index.parameters) == [.hnsw(links: 24, construction: 128)])
  }

  @Test func `where there are no search functions, nothing is said to be applied`() throws {
    let bench = try Workbench(rows: 1500, dimensions: 32)
    try bench.build(BuildRequest(method: .hnsw))
    var request = IndexTuning.Request()
    request.recall = 0.1
    request.applies = true
    let error = #expect(throws: SchemaError.self) {
      _ = try IndexTuning(table: bench.table, on: bench.session).run(request)
    }
    #expect(error?.problem.contains("no search functions") == true)
  }

  @Test func `the functions keep their settings where another table is tuned or converted`() throws
  {
    let bench = try Workbench(rows: 1500, dimensions: 32)
    try FerrySchema.install(on: bench.session)
    try bench.session.execute(
      script: """
        SELECT '[1]'::vector;
        ALTER FUNCTION vector_ferry.similarity_search SET hnsw.ef_search = 400;
        CREATE TABLE public.elsewhere (LIKE vector_documents INCLUDING ALL);
        INSERT INTO public.elsewhere SELECT * FROM vector_documents;
        CREATE INDEX lists ON public.elsewhere USING ivfflat (embedding vector_cosine_ops)
          WITH (lists = 4);
        """)
    let elsewhere = QualifiedName("elsewhere")
    let outcome = try IndexConversion(table: elsewhere, on: bench.session, watcher: nil)
      .run(to: .hnsw, IndexConversion.Request(BuildRequest(method: .hnsw)))
    #expect(outcome.ending == .converted && outcome.applied == [])
    var request = IndexTuning.Request()
    request.recall = 0.1
    #expect(try IndexTuning(table: elsewhere, on: bench.session).run(request).isReached)
    request.applies = true
    let error = #expect(throws: SchemaError.self) {
      _ = try IndexTuning(table: elsewhere, on: bench.session).run(request)
    }
    #expect(error?.remedy.contains("SET hnsw.ef_search = 40") == true)
    #expect(try bench.status().functionSettings == ["hnsw.ef_search=400"])
  }

  @Test func `a partition of the documents' table tunes the functions`() throws {
    let bench = try Workbench(rows: 600)
    try bench.partition()
    try FerrySchema.install(on: bench.session)
    try bench.session.execute(
      script: "DROP TABLE vector_documents; ALTER TABLE parts RENAME TO vector_documents")
    var request = IndexTuning.Request()
    request.recall = 0.1
    request.applies = true
    let outcome = try IndexTuning(table: QualifiedName("part_0"), on: bench.session).run(request)
    #expect(!outcome.applied.isEmpty)
  }

  @Test func `an index that searches do not use is not judged in silence`() throws {
    let bench = try Workbench(rows: 1)
    try bench.build(BuildRequest(method: .hnsw))
    var status = try bench.status()
    try status.measure(on: bench.session, bound: 60_000)
    #expect(status.entries.first?.quality == nil)
    #expect(status.entries.first?.advice.first?.contains("no time was measured") == true)
  }

  @Test func `a partitioned table is tuned by its partitions`() throws {
    let bench = try Workbench(rows: 600)
    try bench.partition()
    #expect(throws: SchemaError.self) {
      _ = try IndexTuning(table: QualifiedName("parts"), on: bench.session).run(.init())
    }
    let outcome = try IndexTuning(table: QualifiedName("part_0"), on: bench.session).run(.init())
    #expect(outcome.qualities.count == 7)
  }

  @Test func `a bound that searches exceed is advice, one that they keep is none`() throws {
    let bench = try Workbench(rows: 1500, dimensions: 32)
    try bench.build(BuildRequest(method: .hnsw))
    var status = try bench.status()
    try status.measure(on: bench.session, bound: 60_000)
    #expect(status.entries.first?.quality != nil)
    #expect(status.entries.first?.advice == [])
    try status.measure(on: bench.session, bound: 0.000_001)
    #expect(status.entries.first?.advice.first?.contains("95 of 100 searches") == true)
  }
}
