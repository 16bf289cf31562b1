import Postgres
import OwnSchema
import TestSupport
import Testing

@testable import VectorIndex

@Suite(.needsServer)
struct OtherColumnTests {
  /// Gives the table another column of vectors with the old name, as a change of dimensions does.
  private static func changeDimensions(_ bench: Workbench) throws {
    try bench.session.execute(
      script: """
        ALTER TABLE vector_documents RENAME COLUMN embedding TO embedding_16;
        ALTER TABLE vector_documents ALTER COLUMN embedding_16 DROP NOT NULL;
        ALTER TABLE vector_documents ADD COLUMN embedding vector(8);
        UPDATE vector_documents SET embedding = subvector(embedding_16, 1, 8);
        ALTER TABLE vector_documents ALTER COLUMN embedding SET NOT NULL;
        ANALYZE vector_documents
        """)
  }

  /// Returns the number of the index's file, which changes where the index is built again; nil
  /// where there is no such index.
  private static func file(_ name: String, _ bench: Workbench) throws -> Int? {
    try bench.session.scalar(
      "SELECT pg_relation_filenode(to_regclass(\(name)))::int8")
  }

  private static func convert(_ bench: Workbench, to method: IndexMethod) throws
    -> IndexConversion.Outcome
  {
    try IndexConversion(table: bench.table, on: bench.session, watcher: nil)
      .run(to: method, IndexConversion.Request(BuildRequest(method: method)))
  }

  @Test func `an index that stayed with the old column is no index, and nobody's to drop`() throws {
    let bench = try Workbench(rows: 1500)
    try bench.build(BuildRequest(method: .hnsw))
    try Self.changeDimensions(bench)
    let old = "vector_documents_embedding_hnsw_idx"
    let file = try Self.file(old, bench)
    let status = try bench.status()
    #expect(status.entries.map(\.index.expression) == ["embedding_16"])
    #expect(status.entries.map(\.index.serves) == [false])
    #expect(status.advice.first?.contains("no index for searches by cosine") == true)
    let refusal = #expect(throws: SchemaError.self) { try Self.convert(bench, to: .ivfflat) }
    #expect(refusal?.problem.contains("has no index to convert") == true)
    let built = try #require(try bench.build(BuildRequest()))
    #expect(built.index.name.name == "\(old)1")
    #expect(try bench.status().advice == [], "the two serve different searches")
    let tuned = try IndexTuning(table: bench.table, on: bench.session).run(.init())
    #expect(tuned.index.name == built.index)
    let converted = try Self.convert(bench, to: .ivfflat)
    #expect(converted.ending == .converted)
    #expect(converted.old?.index.name == built.index)
    #expect(try Self.file("\(old)1", bench) == nil)
    #expect(try Self.file(old, bench) == file)
  }

  @Test(arguments: [
    "USING hnsw (embedding vector_cosine_ops) WHERE user_id = 'user 1'",
    "USING hnsw ((embedding::vector(16)) vector_l2_ops)",
    "USING hnsw ((binary_quantize(embedding)::bit(16)) bit_hamming_ops)",
  ])
  func `an index that searches for all documents cannot use is shown, and not judged`(
    definition: String
  ) throws {
    let bench = try Workbench(rows: 1200)
    try bench.session.execute(
      script: SQL(script: "CREATE INDEX special ON vector_documents \(definition)"))
    try bench.session.execute(
      script: "COMMENT ON INDEX special IS 'vector-ferry: rows=3 memory_lasted=2'")
    let entry = try #require(try bench.status().entries.first)
    #expect(entry.index.unusableReason != nil)
    #expect(entry.advice == [])
    #expect(#expect(throws: SchemaError.self) { try Self.convert(bench, to: .ivfflat) } != nil)
    try bench.build(BuildRequest())
    let after = try bench.status()
    #expect(after.entries.map(\.index.serves) == [false, true])
    #expect(after.advice == [])
    _ = try Self.convert(bench, to: .ivfflat)
    #expect(try bench.status().entries.map(\.index.name.name).contains("special"))
  }

  @Test func `one that is INVALID under the usual name, but of another column, stays for repair`()
    throws
  {
    let bench = try Workbench(rows: 1000)
    try bench.build(BuildRequest())
    try Self.changeDimensions(bench)
    try bench.session.execute(
      script: """
        UPDATE pg_index SET indisvalid = false
        WHERE indexrelid = 'vector_documents_embedding_hnsw_idx'::regclass
        """)
    let outcome = try #require(try bench.build(BuildRequest()))
    #expect(outcome.removed == [])
    #expect(try bench.status().hasInvalid)
    let repaired = try IndexRepair(table: bench.table, on: bench.session, watcher: nil).run()
    #expect(repaired.map(\.action) == [.rebuilt])
    #expect(try bench.status().entries.map(\.index.isValid) == [true, true])
  }

  @Test func `half precision counts wherever the extension lives`() throws {
    let bench = try Workbench(rows: 1000)
    try bench.session.execute(
      script: """
        CREATE SCHEMA "my types"; ALTER EXTENSION vector SET SCHEMA "my types";
        CREATE INDEX halved ON vector_documents
        USING hnsw ((embedding::"my types".halfvec(16)) "my types".halfvec_cosine_ops)
        """)
    #expect(try bench.status().entries.map(\.index.serves) == [true])
    #expect(try bench.build(BuildRequest()) == nil)
  }
}
