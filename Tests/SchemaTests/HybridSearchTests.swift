import Postgres
import TestSupport
import Testing

import OwnSchema

/// Tests hybrid_search on five documents whose cosines and words are known.
@Suite(.needsServer)
struct HybridSearchTests {
  private let world: SearchWorld

  init() throws {
    world = try SearchWorld(dimensions: 2)
    try world.session.execute(
      script: """
        INSERT INTO vector_documents (user_id, collection_name, text, embedding, metadata) VALUES
          ('ann', 'notes', 'sailing in the harbour', '[1,0]', '{"n": 1}'),
          ('ann', 'notes', 'a boat', '[0.8,0.6]', '{"n": 2}'),
          ('ann', 'notes', 'harbours and harbours, the harbour', '[0.6,0.8]', '{"n": 3}'),
          ('ann', 'notes', 'bread', '[0,1]', '{"n": 4}'),
          ('ann', 'other', 'the harbour again', '[1,0]', '{"n": 5}'),
          ('bob', 'notes', 'his harbour', '[1,0]', '{"n": 6}');
        """)
  }

  private struct Answer: Equatable {
    var number: Int
    var similarity: Double?
    var keyword: Double
    var score: Double
    var source: String
  }

  private func search(
    _ words: String?, _ vector: [Float]? = [1, 0], _ more: SQL = ""
  ) throws -> [Answer] {
    let rows = try world.session.query(
      """
      SELECT (metadata->>'n')::bigint, similarity, keyword_rank, hybrid_score, source
      FROM vector_ferry.hybrid_search(
        'ann', 'notes', \(words), \(vector.map { VectorValue($0) })::vector\(more))
      """)
    return try rows.map { (row) throws(PostgresError) in
      Answer(
        number: try rows.value(row, 0), similarity: try rows.optional(row, 1),
        keyword: try rows.value(row, 2), score: try rows.value(row, 3),
        source: try rows.value(row, 4))
    }
  }

  /// Adds or replaces a document of a user, and returns its id.
  private func upsert(_ user: String, _ text: String, id: String?) throws -> String? {
    try world.session.scalar(
      """
      SELECT vector_ferry.upsert_document(
        \(user), 'notes', \(text), '[0,1]', '{"n": 9}', \(id)::uuid)::text
      """)
  }

  private func isNear(_ one: Double?, _ other: Double) -> Bool {
    abs((one ?? .nan) - other) < 1e-6
  }

  @Test func `both legs are brought to one scale before they are weighed`() throws {
    let found = try search("harbour")
    #expect(found.map(\.number).prefix(2) == [1, 3])
    #expect(Set(found.map(\.number)) == [1, 2, 3, 4])
    #expect(found.map(\.source) == ["hybrid", "hybrid", "vector", "vector"])
    let ranks: Double? = try world.session.scalar(
      """
      SELECT ts_rank(to_tsvector('english', 'sailing in the harbour'), q)::float8
             / ts_rank(to_tsvector('english', 'harbours and harbours, the harbour'), q)
      FROM to_tsquery('english', 'harbour') q
      """)
    let first = try #require(ranks)
    #expect(isNear(found[0].score, 0.7 + 0.3 * first))
    #expect(isNear(found[1].score, 0.7 * 0.6 + 0.3))
    #expect(isNear(found[1].keyword, 1) && isNear(found[0].keyword, first))
    #expect(isNear(found[1].similarity, 0.6) && isNear(found[2].score, 0.7 * 0.8))
    // The weights select only words, or only meaning.
    #expect(try search("harbour", [1, 0], ", 5, 0, 1").first?.number == 3)
    #expect(try search("harbour", [1, 0], ", 5, 1, 0").map(\.number) == [1, 2, 3, 4])
  }

  @Test func `reciprocal ranks count places alone`() throws {
    let found = try search("harbour", [1, 0], ", p_fusion => 'rrf'")
    #expect(found.map(\.number).prefix(2) == [1, 3])
    #expect(isNear(found[0].score, 1 / 61.0 + 1 / 62.0))
    #expect(isNear(found[1].score, 1 / 61.0 + 1 / 63.0))
    #expect(isNear(found[2].score, 1 / 62.0))
  }

  @Test func `a document that only the words find has its cosine too`() throws {
    let found = try search("bread", [1, 0], ", 4, p_threshold => 0.5")
    let bread = try #require(found.first { $0.number == 4 })
    #expect(bread.source == "keyword")
    #expect(isNear(bread.similarity, 0) && isNear(bread.score, 0.3))
    #expect(try search("bread", [1, 0], ", 1, 0.1, 0.9").map(\.number) == [4])
  }

  @Test func `one leg is enough, and the configuration decides what a word is`() throws {
    #expect(Set(try search("harbour", nil).map(\.number)) == [1, 3])
    #expect(try search("harbour", nil).allSatisfy { $0.source == "keyword" })
    #expect(try search("harbour", nil).allSatisfy { $0.similarity == nil })
    #expect(try search(nil).map(\.number) == [1, 2, 3, 4])
    #expect(try search("the", nil) == [])
    #expect(Set(try search("the", nil, ", p_config => 'simple'").map(\.number)) == [1, 3])
    #expect(try search("harbours", nil, ", p_config => 'simple'").map(\.number) == [3])
    #expect(try search("harbour -sailing", nil).map(\.number) == [3])
    #expect(try search("harbour", nil, ", p_filter => '{\"n\": 1}'").map(\.number) == [1])
  }

  @Test func `what cannot be meant is refused`() throws {
    for more in [", p_fusion => 'sum'", ", 5, -1", ", 5, 0, 0"] as [SQL] {
      #expect(throws: PostgresError.self) { try search("harbour", [1, 0], more) }
    }
    try world.session.query("DROP TABLE vector_documents")
    let error = #expect(throws: PostgresError.self) { try search("harbour") }
    #expect(error?.serverError?.message == "there is no table of documents")
  }

  @Test func `documents are added, replaced, and never taken from another collection`() throws {
    let id = try upsert("ann", "new", id: nil)
    #expect(try upsert("ann", "newer", id: id) == id)
    let error = #expect(throws: PostgresError.self) { _ = try upsert("bob", "mine", id: id) }
    #expect(error?.serverError?.message == "the document \(id ?? "") belongs to another collection")
    let texts: String? = try world.session.scalar(
      "SELECT string_agg(user_id || ' ' || text, ',') FROM vector_documents WHERE metadata @> '{\"n\": 9}'"
    )
    #expect(texts == "ann newer")
    let stats = try world.session.query(
      "SELECT document_count, dimensions, migrated FROM vector_ferry.collection_stats('ann', 'notes')"
    )
    #expect(try stats.value(0, 0) == 5 && stats.value(0, 1) == 2 && stats.value(0, 2) == 0)
    let collections: String? = try world.session.scalar(
      """
      SELECT string_agg(concat_ws('/', user_id, collection_name, documents), ' '
                        ORDER BY user_id, collection_name)
      FROM vector_ferry.vector_search_stats
      """)
    #expect(collections == "ann/notes/5 ann/other/1 bob/notes/1")
  }

  @Test func `a table of the application's own that notes no changes is in the statistics`() throws
  {
    let database = try TestDatabase()
    let session = try database.connect()
    try session.query("CREATE EXTENSION vector")
    try FerrySchema.install(on: session)
    // The checks of migrate for an existing table.
    try session.execute(
      script: """
        CREATE TABLE vector_documents (
          id uuid PRIMARY KEY, user_id text NOT NULL, collection_name text NOT NULL,
          text text NOT NULL, embedding vector(2), metadata jsonb, created_at timestamptz);
        INSERT INTO vector_documents (id, user_id, collection_name, text, embedding)
        VALUES (gen_random_uuid(), 'ann', 'notes', 'one', '[1,0]');
        """)
    func lastChanges() throws -> [Int?] {
      let row = try session.query(
        "SELECT sum(documents)::int8, count(last_change) FROM vector_ferry.vector_search_stats")
      return [try row.optional(0, 0), try row.optional(0, 1)]
    }
    #expect(try lastChanges() == [1, 0])
    try session.execute(
      script: "ALTER TABLE vector_documents ADD COLUMN updated_at timestamptz DEFAULT now()")
    #expect(try lastChanges() == [1, 1])
  }

  @Test func `functions that a set has made before are replaced`() throws {
    let database = try TestDatabase()
    let session = try database.connect()
    try session.query("CREATE EXTENSION vector")
    try FerrySchema.bringUp(from: 0, to: 4, vectorSchema: "public", on: session)
    try session.execute(
      script: """
        CREATE TABLE vector_ferry.search_performance_metrics (
          id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, user_id varchar(255),
          collection_name varchar(255), query_text text, search_type varchar(20) NOT NULL,
          result_count int NOT NULL, execution_time_ms float8 NOT NULL,
          created_at timestamptz NOT NULL DEFAULT now(), metadata jsonb NOT NULL DEFAULT '{}');
        INSERT INTO vector_ferry.search_performance_metrics
          (search_type, result_count, execution_time_ms) VALUES ('vector', 1, 1);
        CREATE FUNCTION vector_ferry.hybrid_search(
          text, text, text, vector, int, float8, float8, float8, jsonb)
        RETURNS int LANGUAGE sql AS 'SELECT 1';
        CREATE FUNCTION vector_ferry.collection_stats(text, text)
        RETURNS int LANGUAGE sql AS 'SELECT 1';
        CREATE VIEW vector_ferry.vector_search_stats AS SELECT 1 AS one;
        """)
    try FerrySchema.install(on: session)
    #expect(
      try session.scalar("SELECT count(*) FROM pg_proc WHERE proname = 'hybrid_search'") == 1)
    #expect(try session.scalar("SELECT count(*) FROM vector_ferry.search_performance_metrics") == 1)
    #expect(try session.scalar("SELECT count(*) FROM vector_ferry.vector_search_stats") == 0)
    #expect(try FerrySchema.installedVersion(on: session) == FerrySchema.currentVersion)
  }
}
