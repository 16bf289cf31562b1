import Foundation
import Postgres
import TestSupport
import Testing

import MigrationFiles
import OwnSchema
@testable import Schema

/// Tests what sets leave to the operator, and what is said of it.
@Suite(.needsServer) struct AfterwardsTests {
  private static func run(_ request: SchemaRequest, of set: String, in database: TestDatabase)
    throws
  {
    let runner = SchemaRunner(connection: try database.connect(), set: try .bundled(set))
    _ = try runner.run(request, plan: try runner.plan(request))
  }

  @Test func `after 004 the next step is named until the embeddings and the index are there`()
    throws
  {
    let database = try TestDatabase()
    let set = try MigrationSet.bundled("semantic_search")
    func next() throws -> [String] {
      let connection = try database.connect()
      return try SetState.read(set, on: connection).nextSteps(on: connection)
    }
    try Self.run(.up(.all), of: set.name, in: database)
    #expect(try next().isEmpty)
    try database.connect().execute(
      script: """
        INSERT INTO indexed_content (content_type, source_path, content_hash, content)
        VALUES ('doc', '/a', repeat('a', 64), 'text');
        INSERT INTO vector_embedding (content_id, chunk_index, chunk_text, embedding)
        VALUES (1, 0, 'text', array_fill(0.5, ARRAY[384])::vector)
        """)
    try Self.run(.apply(["004"]), of: set.name, in: database)
    #expect(try next().first?.contains("1 embeddings are empty") == true)
    #expect(try next().first?.contains("vector-ferry reembed --set semantic_search") == true)
    let report = try SchemaVerification(
      set: set, connection: database.connect(), environment: [:]
    ).run()
    #expect(
      report.findings.contains { $0.details.contains { $0.contains("vector-ferry reembed") } })
    let connection = try database.connect()
    try connection.execute(
      script: "UPDATE vector_embedding SET embedding = array_fill(0.5, ARRAY[384])::vector")
    #expect(try next().first?.contains("no vector index") == true)
    try connection.execute(
      script: "CREATE INDEX ON vector_embedding USING hnsw (embedding vector_cosine_ops)")
    #expect(try next().isEmpty)
    try Self.run(.revert("004"), of: set.name, in: database)
    #expect(try next().isEmpty)
  }

  @Test func `an IVFFlat index that was built before its rows is told with what mends it`() throws {
    let database = try TestDatabase()
    let set = try MigrationSet.bundled("semantic_search")
    try Self.run(.up(.all), of: set.name, in: database)
    let connection = try database.connect()
    func finding() throws -> VerificationReport.Finding? {
      try SchemaVerification(set: set, connection: database.connect(), environment: [:]).run()
        .findings.first { $0.title.hasPrefix("IVFFlat indexes") }
    }
    #expect(try finding()?.isOpen == false)
    try connection.execute(
      script: """
        INSERT INTO indexed_content (content_type, source_path, content_hash, content)
        SELECT 'doc', '/' || i, repeat('a', 64), 'text' FROM generate_series(1, 100) i;
        INSERT INTO vector_embedding (content_id, chunk_index, chunk_text, embedding)
        SELECT id, 0, 'text',
          (SELECT array_agg(random()) FROM generate_series(1, 384) WHERE id > 0)::vector
        FROM indexed_content
        """)
    let found = try #require(try finding())
    #expect(found.isOpen && found.holds)
    let detail = try #require(found.details.first)
    #expect(detail.contains("public.idx_vector_embedding_similarity (100 lists) finds"))
    // The remedy mends it.
    let commands = try #require(detail.components(separatedBy: ": DROP").last)
    for command in ("DROP\(commands)").components(separatedBy: "; ").prefix(2) {
      try database.connect().execute(script: SQL(script: command))
    }
    let mended = try finding()
    #expect(mended?.isOpen == false, "\(mended?.details ?? [])")
  }

  @Test func `rebuild_vector_indexes takes IVFFlat where it is asked for`() throws {
    let database = try TestDatabase()
    try Self.run(.up(.all), of: "unified_embeddings", in: database)
    let connection = try database.connect()
    try connection.execute(
      script: """
        INSERT INTO embeddings (source_table, source_id, embedding, content_hash)
        SELECT 'e', gen_random_uuid(),
          (SELECT array_agg(random()) FROM generate_series(1, 1536) WHERE i > 0)::vector, 'h'
        FROM generate_series(1, 1100) i
        """)
    let method: SQL = """
      SELECT a.amname::text FROM pg_class c JOIN pg_am a ON a.oid = c.relam
      WHERE c.relname = 'embeddings_embedding_idx'
      """
    let said: String? = try connection.scalar("SELECT rebuild_vector_indexes('ivfflat')")
    #expect(said == "IVFFlat index with 11 lists built over 1100 embeddings")
    #expect(try connection.scalar(method) == "ivfflat")
    let usual: String? = try connection.scalar("SELECT rebuild_vector_indexes()")
    #expect(usual?.hasPrefix("HNSW") == true)
    #expect(try connection.scalar(method) == "hnsw")
    #expect(throws: PostgresError.self) {
      try connection.query("SELECT rebuild_vector_indexes('btree')")
    }
    try Self.run(.down(.all), of: "unified_embeddings", in: database)
  }
}
