import Foundation
import Postgres
import OwnSchema
import TestSupport
import Testing

@testable import VectorIndex

@Suite(.needsServer)
struct RepairTests {
  /// Makes an INVALID index, as a build leaves it that is cancelled while it waits.
  private static func breakBuild(_ statement: SQL, in bench: Workbench) throws {
    let holder = try bench.database.connect()
    try holder.execute(script: "BEGIN; LOCK TABLE vector_documents IN ROW EXCLUSIVE MODE")
    let session = try bench.database.connect()
    try session.query("SET lock_timeout = '300ms'")
    #expect(throws: PostgresError.self) { try session.execute(script: statement) }
    try holder.query("ROLLBACK")
  }

  @Test func `INVALID indexes are found and mended, copies dropped, the rest not touched`() throws {
    let bench = try Workbench(rows: 2000)
    try Self.breakBuild(
      """
      CREATE INDEX CONCURRENTLY broken ON vector_documents
      USING hnsw (embedding vector_cosine_ops) WITH (m = 8)
      """, in: bench)
    try Self.breakBuild("CREATE INDEX CONCURRENTLY texts ON vector_documents (text)", in: bench)
    try bench.session.query("CREATE INDEX whole ON vector_documents (created_at)")
    try Self.breakBuild("REINDEX INDEX CONCURRENTLY whole", in: bench)
    // An INVALID index of another table does not matter.
    try bench.session.query("CREATE TABLE other AS SELECT 1 AS n FROM generate_series(1, 2)")
    #expect(throws: PostgresError.self) {
      try bench.session.execute(script: "CREATE UNIQUE INDEX CONCURRENTLY doubles ON other (n)")
    }
    let before = try Self.identities(bench)
    let status = try bench.status()
    #expect(status.hasInvalid)
    #expect(status.entries.map(\.index.name.name) == ["broken"])
    #expect(status.otherInvalid == ["public.texts", "public.whole_ccnew"])

    let repaired = try IndexRepair(
      table: bench.table, on: bench.session, watcher: try bench.database.connect()
    ).run()
    #expect(
      repaired.map { "\($0.name) \($0.action)" } == [
        "public.whole_ccnew dropped", "public.broken rebuilt", "public.texts rebuilt",
      ])
    let after = try bench.status()
    #expect(!after.hasInvalid)
    #expect(after.entries.map(\.index.parameters) == [.hnsw(links: 8, construction: 64)])
    #expect(after.entries.first?.index.note?.rows == 2000)
    #expect(try Self.identities(bench) == before)
    #expect(
      try bench.session.scalar(
        "SELECT indisvalid FROM pg_index WHERE indexrelid = 'doubles'::regclass") == false)
  }

  /// Returns every valid index and every table with the number of its file.
  private static func identities(_ bench: Workbench) throws -> String? {
    try bench.session.scalar(
      """
      SELECT string_agg(c.relname || c.oid || c.relfilenode, ',' ORDER BY c.relname)
      FROM pg_class c LEFT JOIN pg_index i ON i.indexrelid = c.oid
      WHERE c.relnamespace = 'public'::regnamespace
        AND c.relname NOT IN ('broken', 'texts', 'whole_ccnew')
      """)
  }

  @Test func `a build clears away what a broken one has left`() throws {
    let bench = try Workbench(rows: 1000)
    let plan = try #require(try bench.plan(BuildRequest()))
    try Self.breakBuild(
      SQL(
        script: plan.statement.text.replacingOccurrences(of: "INDEX ", with: "INDEX CONCURRENTLY ")),
      in: bench)
    // An INVALID index of another program is left to `index repair`, because its purpose is not
    // known here.
    try Self.breakBuild(
      "CREATE INDEX CONCURRENTLY other ON vector_documents USING hnsw (embedding vector_l2_ops)",
      in: bench)
    #expect(try bench.status().hasInvalid)
    let outcome = try #require(try bench.build(BuildRequest()))
    #expect(outcome.removed == ["public.vector_documents_embedding_hnsw_idx"])
    let left = try bench.status().entries.filter { !$0.index.isValid }
    #expect(left.map(\.index.name.name) == ["other"])
  }

  @Test func `grown tenfold, an index should be built anew`() throws {
    let bench = try Workbench(rows: 1000)
    try bench.build(BuildRequest())
    #expect(try bench.status().entries.first?.advice == [])
    try bench.add(9000, dimensions: 16)
    let advice = try #require(try bench.status().entries.first?.advice.first)
    #expect(advice.contains("from 1000 to 10000 rows"))
    #expect(advice.contains("REINDEX INDEX CONCURRENTLY"))
    // An operator who follows the advice keeps the comment of the old build, and gets no advice
    // again.
    try bench.session.execute(
      script: "REINDEX INDEX CONCURRENTLY vector_documents_embedding_hnsw_idx")
    #expect(try bench.status().entries.first?.advice == [])
  }

  @Test func `one index that cannot be mended does not keep repair from the others`() throws {
    let bench = try Workbench(rows: 1000)
    for (name, definition) in [
      ("lists", "USING ivfflat (embedding vector_cosine_ops) WITH (lists = 2000)"),
      ("texts", "(text)"),
    ] {
      try Self.breakBuild(
        SQL(script: "CREATE INDEX CONCURRENTLY \(name) ON vector_documents \(definition)"),
        in: bench)
    }
    try bench.session.execute(script: "SET effective_cache_size = '8kB'")
    let repaired = try IndexRepair(table: bench.table, on: bench.session, watcher: nil).run()
    #expect(repaired.map(\.name) == ["public.lists", "public.texts"])
    #expect(repaired.last?.action == .rebuilt)
  }

  @Test func `an index of partitions that lacks a part is told as such, with its size`() throws {
    let bench = try Workbench(rows: 300)
    try bench.partition()
    let whole = try IndexStatus.read(bench.session, table: QualifiedName("parts"))
    let parts: Int? = try bench.session.scalar(
      """
      SELECT sum(pg_relation_size(relid))::int8 FROM pg_partition_tree('parts_idx') WHERE isleaf
      """)
    #expect(whole.entries.map(\.index.bytes) == [parts])
    try bench.session.execute(
      script: """
        DROP INDEX parts_idx;
        CREATE INDEX only_idx ON ONLY parts USING hnsw (embedding vector_cosine_ops)
        """)
    let status = try IndexStatus.read(bench.session, table: QualifiedName("parts"))
    #expect(status.hasInvalid && !status.canBeRepaired)
    #expect(status.entries.first?.advice.first?.contains("ATTACH PARTITION") == true)
    var measured = whole
    #expect(throws: SchemaError.self) { try measured.measure(on: bench.session, bound: 50) }
  }
}
