import Postgres
import TestSupport
import Testing

import OwnSchema

/// Tests unusual searches, and searches among unusual documents.
@Suite(.needsServer)
struct SearchEdgeTests {
  private static let words = [
    "harbour", "sail", "tide", "garden", "bread", "river", "stone", "lamp", "letter",
  ]

  /// Creates 400 documents of ann, each with four of nine words.
  private static func world(seed: UInt64) throws -> SearchWorld {
    var world = try SearchWorld(dimensions: 8, seed: seed)
    try world.fill([("ann", 400)])
    try world.session.query("SELECT setseed(0.5)")
    try world.session.query(
      """
      UPDATE vector_documents d SET text = w.text FROM (
        SELECT v.id, string_agg(v.word, ' ') AS text FROM (
          SELECT t.id, (string_to_array(\(words.joined(separator: " ")), ' '))[
            1 + floor(random() * \(words.count))::int] AS word
          FROM vector_documents t, generate_series(1, 4)) v
        GROUP BY v.id) w
      WHERE w.id = d.id
      """)
    return world
  }

  /// Returns a query that gives the documented results of hybrid search by scans only.
  private static func fused(word: String, query: [Float], k: Int) -> String {
    """
    WITH q AS (SELECT '\(query)'::vector AS v, websearch_to_tsquery('english', '\(word)') AS w),
    near AS (
      SELECT id FROM vector_documents, q ORDER BY embedding <=> q.v, id LIMIT \(max(4 * k, 40))),
    said AS (
      SELECT id, ts_rank(to_tsvector('english', text), q.w) AS rank FROM vector_documents, q
      WHERE to_tsvector('english', text) @@ q.w
      ORDER BY rank DESC, id LIMIT \(max(4 * k, 40))),
    found AS (
      SELECT d.id, 1 - (d.embedding <=> q.v) AS similarity, coalesce(s.rank, 0) AS rank
      FROM q, vector_documents d LEFT JOIN said s USING (id)
      WHERE d.id IN (SELECT id FROM near UNION SELECT id FROM said))
    SELECT id::text FROM found
    ORDER BY 0.7 * greatest(similarity, 0) / (SELECT max(similarity) FROM found)
             + 0.3 * rank / (SELECT max(rank) FROM found) DESC, id
    LIMIT \(k)
    """
  }

  @Test(arguments: [3, 10, 20, 60])
  func `hybrid search is its definition, however many documents the words find`(k: Int) throws {
    var world = try Self.world(seed: 3)
    for word in Self.words.prefix(6) {
      let vector = world.vector()
      let query = VectorValue(vector)
      let found = try world.session.query(
        """
        SELECT id::text FROM vector_ferry.hybrid_search(
          'ann', 'notes', \(word), \(query)::vector, \(k)::int)
        """)
      let expected = try world.session.query(
        SQL(script: Self.fused(word: word, query: vector, k: k)))
      let ids = { (rows: QueryResult) in
        try rows.map { (row) throws(PostgresError) -> String in try rows.value(row, 0) }
      }
      #expect(try ids(found) == ids(expected), "\(word)")
    }
  }

  @Test func `a document of zeros is like nothing and spoils nothing`() throws {
    let world = try SearchWorld(dimensions: 2)
    try world.session.execute(
      script: """
        INSERT INTO vector_documents (user_id, collection_name, text, embedding) VALUES
          ('ann', 'notes', 'the tide', '[1,0]'), ('ann', 'notes', 'a tide', '[0.6,0.8]'),
          ('ann', 'notes', 'cats', '[0,1]'), ('ann', 'notes', 'tide of nothing', '[0,0]');
        """)
    let scores = try world.session.query(
      """
      SELECT text, hybrid_score, similarity
      FROM vector_ferry.hybrid_search('ann', 'notes', 'tide', '[1,0]', 10)
      """)
    #expect(try scores.value(0, 0, as: String.self) == "the tide")
    #expect(try scores.value(1, 0, as: String.self) == "a tide")
    for row in 0..<scores.rowCount {
      let score: Double = try scores.value(row, 1)
      #expect(score.isFinite && score <= 1)
    }
    let zero = try #require(
      try (0..<scores.rowCount).first {
        try scores.value($0, 0, as: String.self).hasSuffix("nothing")
      })
    #expect(try scores.optional(zero, 2, as: Double.self) == nil)
    let near: String? = try world.session.scalar(
      """
      SELECT string_agg(text, ', ')
      FROM vector_ferry.similarity_search('ann', 'notes', '[1,0]', 10, -1)
      """)
    #expect(near == "the tide, a tide, cats")
    let all: String? = try world.session.scalar(
      """
      SELECT string_agg(concat(text, coalesce(similarity::text, '?')), ', ' ORDER BY n)
      FROM vector_ferry.similarity_search('ann', 'notes', '[1,0]', 10)
        WITH ORDINALITY s(id, text, metadata, similarity, n)
      WHERE n > 2
      """)
    #expect(all == "cats0, tide of nothing?")
  }

  @Test(arguments: [
    (
      "similarity_search('ann', 'notes', '[0,0]')",
      "a query vector with only zeros cannot be compared"
    ),
    (
      "hybrid_search('ann', 'notes', 'x', '[0,0]')",
      "a query vector with only zeros cannot be compared"
    ),
    ("similarity_search('ann', 'notes', '[1,0]', -1)", "a search for -1 documents"),
    ("hybrid_search('ann', 'notes', 'x', '[1,0]', -7)", "a search for -7 documents"),
    (
      "similarity_search('ann', 'notes', '[1,0]', 5, NULL, '[]')", "the filter is not a JSON object"
    ),
    (
      "similarity_search('ann', 'notes', '[1,0]', 5, NULL, 'null')",
      "the filter is not a JSON object"
    ),
    (
      "hybrid_search('ann', 'notes', 'x', '[1,0]', p_filter => '1')",
      "the filter is not a JSON object"
    ),
    (
      "hybrid_search('ann', 'notes', 'x', '[1,0]', 5, 'Infinity')",
      "weights are finite and not negative, and one of them is above zero"
    ),
    (
      "hybrid_search('ann', 'notes', 'x', '[1,0]', 5, 'NaN')",
      "weights are finite and not negative, and one of them is above zero"
    ),
  ])
  func `what cannot be meant is refused by what is wrong`(call: String, message: String) throws {
    let world = try SearchWorld(dimensions: 2)
    let error = #expect(throws: PostgresError.self) {
      try world.session.query(SQL(script: "SELECT * FROM vector_ferry.\(call)"))
    }
    #expect(error?.serverError?.message == message)
  }

  @Test func `no number of wanted documents is too large`() throws {
    var world = try SearchWorld(dimensions: 4)
    try world.fill([("ann", 30)])
    for index in [
      "", "CREATE INDEX search ON vector_documents USING hnsw (embedding vector_cosine_ops)",
    ] {
      try world.session.execute(script: SQL(script: index + "; SET vector_ferry.exact_rows = 0"))
      #expect(try world.search(world.vector(), user: "ann", k: 2_147_483_647).count == 30)
      let hybrid: Int? = try world.session.scalar(
        """
        SELECT count(*) FROM vector_ferry.hybrid_search(
          'ann', 'notes', 'document', '[1,2,3,4]', 2147483647)
        """)
      #expect(hybrid == 30)
    }
  }

  @Test func `nobody's operator is met, wherever pgvector is`() throws {
    var world = try SearchWorld(dimensions: 4)
    try world.fill([("ann", 30)])
    // Each of these functions and operators fits the statements better than the server's own.
    try world.session.execute(
      script: """
        CREATE FUNCTION public.trap(varchar, text) RETURNS boolean LANGUAGE plpgsql AS
          $$ BEGIN RAISE EXCEPTION 'trapped'; END $$;
        CREATE FUNCTION public.trap(int, float8) RETURNS float8 LANGUAGE plpgsql AS
          $$ BEGIN RAISE EXCEPTION 'trapped'; END $$;
        CREATE FUNCTION public.greatest_of(float8, int) RETURNS float8 LANGUAGE plpgsql AS
          $$ BEGIN RAISE EXCEPTION 'trapped'; END $$;
        CREATE OPERATOR public.= (FUNCTION = public.trap, LEFTARG = varchar, RIGHTARG = text);
        CREATE OPERATOR public.- (FUNCTION = public.trap, LEFTARG = int, RIGHTARG = float8);
        CREATE OPERATOR public.^ (FUNCTION = public.greatest_of, LEFTARG = float8, RIGHTARG = int);
        """)
    #expect(try world.search(world.vector(), user: "ann", k: 3).count == 3)
    let hybrid: Int? = try world.session.scalar(
      "SELECT count(*) FROM vector_ferry.hybrid_search('ann', 'notes', 'document', '[1,2,3,4]', 3)")
    #expect(hybrid == 3)
    try world.session.query(
      "SELECT vector_ferry.upsert_document('ann', 'notes', 'new', '[1,2,3,4]')")
    let documents: Int? = try world.session.scalar(
      "SELECT document_count FROM vector_ferry.collection_stats('ann', 'notes')")
    #expect(documents == 31)
  }

  @Test func `an index is noticed when it comes, when it goes, and when it serves others alone`()
    throws
  {
    var world = try SearchWorld(dimensions: 4)
    try world.fill([("ann", 60), ("bob", 60)])
    try world.session.query("SET vector_ferry.exact_rows = 0")
    let query = world.vector()
    func scans(_ index: String) throws -> Int {
      try world.session.query("BEGIN")
      defer { _ = try? world.session.query("COMMIT") }
      #expect(try world.search(query, user: "ann").count == 10)
      return try world.scans(index)
    }
    #expect(try world.search(query, user: "ann").count == 10)
    try world.session.execute(
      script: """
        CREATE INDEX partial ON vector_documents USING hnsw (embedding vector_cosine_ops)
        WHERE user_id = 'bob'
        """)
    #expect(try scans("partial") == 0)
    try world.session.execute(
      script: "CREATE INDEX whole ON vector_documents USING hnsw (embedding vector_cosine_ops)")
    #expect(try scans("whole") == 1)
    try world.session.execute(script: "DROP INDEX whole, partial")
    #expect(try world.search(query, user: "ann") == world.truth(query, user: "ann"))
  }

  @Test func `what a setting remembers of a search is no statement, and no name`() throws {
    var world = try SearchWorld(dimensions: 4)
    try world.fill([("ann", 60)])
    try world.session.execute(
      script: """
        SET vector_ferry.exact_rows = 0;
        CREATE INDEX search ON vector_documents USING hnsw (embedding vector_cosine_ops)
        """)
    let query = world.vector()
    let found = try world.search(query, user: "ann")
    let remembered: String? = try world.session.scalar(
      "SELECT current_setting('vector_ferry.last_choice')")
    let words = try #require(remembered).split(separator: " ", omittingEmptySubsequences: false)
    #expect(words.count == 4 && words.allSatisfy { $0.isEmpty || Double($0) != nil })
    for nonsense in ["x", "", " ", "1 2 3 4 5", "' OR true"] {
      try world.session.query(
        "SELECT set_config('vector_ferry.last_choice', \(nonsense), false)")
      #expect(try world.search(query, user: "ann") == found)
    }
  }

  @Test func `what tuning has set outlasts new functions`() throws {
    let database = try TestDatabase()
    let session = try database.connect()
    try session.query("CREATE EXTENSION vector")
    try FerrySchema.bringUp(from: 0, to: 5, vectorSchema: "public", on: session)
    try session.execute(
      script: """
        SELECT '[1]'::vector;
        CREATE FUNCTION vector_ferry.similarity_search(
          p_user text, p_collection text, p_query vector, p_k int DEFAULT 5,
          p_threshold float8 DEFAULT NULL, p_filter jsonb DEFAULT NULL)
        RETURNS TABLE (id uuid, text text, metadata jsonb, similarity float8)
        LANGUAGE sql SET hnsw.ef_search = 77 AS 'SELECT NULL::uuid, NULL, NULL::jsonb, 1.0::float8';
        """)
    try FerrySchema.install(on: session)
    let kept: String? = try session.scalar(
      """
      SELECT string_agg(s, ' ') FROM pg_proc p, unnest(p.proconfig) s
      WHERE p.proname = 'similarity_search' AND s LIKE 'hnsw%'
      """)
    #expect(kept == "hnsw.ef_search=77")
  }
}
