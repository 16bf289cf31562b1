import Postgres
import TestSupport
import Testing

import OwnSchema

/// Tests searches in a table with one index, where many users have few documents and one user has
/// many.
@Suite(.needsServer, .serialized)
struct TenantSearchTests {
  /// The indexes that a table may have.
  enum Index: String, CaseIterable, CustomTestStringConvertible {
    case none, hnsw, ivfflat, halved
    var testDescription: String { rawValue }

    /// Returns the statement by which `index build` makes the index for this number of rows; nil
    /// for no index.
    func statement(dimensions: Int, rows: Int) -> String? {
      let (links, construction) = rows < 10_000 ? (16, 64) : (24, 200)
      let graph = "(m = \(links), ef_construction = \(construction))"
      return switch self {
      case .none: nil
      case .hnsw: "USING hnsw (embedding vector_cosine_ops) WITH \(graph)"
      case .ivfflat:
        "USING ivfflat (embedding vector_cosine_ops) WITH (lists = \(max(10, rows / 1000)))"
      case .halved:
        "USING hnsw ((embedding::halfvec(\(dimensions))) halfvec_cosine_ops) WITH \(graph)"
      }
    }
  }

  private typealias Sizes = (users: Int, each: Int, large: Int, dimensions: Int)
  private static let short: Sizes = (users: 60, each: 40, large: 3_000, dimensions: 24)
  private static let sizes: Sizes =
    Oracle.isFullRun ? (users: 500, each: 100, large: 20_000, dimensions: 384) : short

  private static func world(_ index: Index, sizes: Sizes = Self.sizes) throws -> (
    SearchWorld, users: [String]
  ) {
    var world = try SearchWorld(dimensions: sizes.dimensions)
    let users = (0..<sizes.users).map { "user \($0)" }
    try world.fill(users.map { ($0, sizes.each) } + [("large", sizes.large)])
    let rows = sizes.users * sizes.each + sizes.large
    if let form = index.statement(dimensions: sizes.dimensions, rows: rows) {
      try world.session.execute(
        script: SQL(
          script:
            "SET maintenance_work_mem = '512MB'; CREATE INDEX search ON vector_documents \(form)"
        ))
    }
    return (world, users)
  }

  @Test(arguments: Index.allCases)
  func `every user gets k rows, and the right ones`(index: Index) throws {
    var (world, users) = try Self.world(index)
    // The long form uses the default. The short form has too few documents for the index to be used
    // by default.
    if !Oracle.isFullRun { try world.session.query("SET vector_ferry.exact_rows = 1000") }
    try check(&world, users: users, index: index)
    // Under row-level security, the results are the same, and only the session's user has results.
    try world.session.execute(
      script: RowSecurity.isolateUsers(in: QualifiedName("vector_documents")) + """

        CREATE ROLE \(Identifier(world.database.name));
        ALTER TABLE vector_documents OWNER TO \(Identifier(world.database.name));
        GRANT USAGE ON SCHEMA vector_ferry TO \(Identifier(world.database.name));
        GRANT SELECT ON ALL TABLES IN SCHEMA vector_ferry TO \(Identifier(world.database.name));
        """)
    defer {
      _ = try? world.session.execute(
        script: """
          RESET ROLE; DROP OWNED BY \(Identifier(world.database.name)) CASCADE;
          DROP ROLE \(Identifier(world.database.name));
          """)
    }
    try world.session.query("SET ROLE \(Identifier(world.database.name))")
    var recalls: [Double] = []
    for user in users.prefix(30) + Array(repeating: "large", count: 30) {
      try world.session.query("SELECT set_config('vector_ferry.user_id', \(user), false)")
      let found = try world.recall(users: [user])
      #expect(found.fewest == 10, "\(user)")
      recalls.append(found.mean)
    }
    #expect(recalls.reduce(0, +) / Double(recalls.count) >= 0.99, "\(recalls)")
    #expect(try world.search(world.vector(), user: "user 1") == [])
  }

  private func check(_ world: inout SearchWorld, users: [String], index: Index) throws {
    try world.session.query("BEGIN")
    let few = try world.recall(users: users)
    #expect(few.fewest == 10)
    #expect(few.mean == 1, "users of few documents are scanned")
    if index != .none { #expect(try world.scans("search") == 0) }
    let many = try world.recall(users: ["large"], queries: 50)
    #expect(many.fewest == 10)
    #expect(many.mean >= 0.99, "recall@10 \(many.mean)")
    if index != .none { #expect(try world.scans("search") >= 50) }
    // All searches use the index, also those of users with few documents.
    try world.session.query("SET LOCAL vector_ferry.exact_rows = 0")
    let forced = try world.recall(users: users)
    #expect(forced.fewest == 10)
    // A search of a graph may miss rows, which is why collections of few documents are scanned.
    #expect(forced.mean >= 0.98, "recall@10 by the index \(forced.mean)")
    try world.session.query("COMMIT")
    print("\(index): few \(few), many \(many), few by the index \(forced)")
  }

  @Test func `what is wanted of an index that has too little is scanned after all`() throws {
    var (world, _) = try Self.world(.hnsw, sizes: Self.short)
    try world.session.query("SET vector_ferry.exact_rows = 0")
    try world.session.query("SET hnsw.max_scan_tuples = 1")
    let query = world.vector()
    for filter in [nil, "{\"n\": 7}", "{\"third\": 1}"] as [String?] {
      let found = try world.search(query, user: "user 3", k: 50, filter: filter)
      let all: Int? = try world.session.scalar(
        """
        SELECT count(*) FROM vector_documents WHERE user_id = 'user 3'
          AND (\(filter)::jsonb IS NULL OR metadata @> \(filter)::jsonb)
        """)
      #expect(found.count == min(50, all ?? -1), "\(filter ?? "")")
    }
    #expect(try world.search(query, user: "large", k: 1500).count == 1500)
    #expect(try world.search(query, user: "nobody") == [])
    #expect(try world.search(query, user: "large", threshold: 2) == [])
  }

  @Test func `settings of the session count, and are as before afterwards`() throws {
    let (world, _) = try Self.world(.hnsw, sizes: Self.short)
    let session = world.session
    func setting(_ name: String) throws -> String? {
      try session.scalar("SELECT current_setting(\(name))")
    }
    try session.query("SET vector_ferry.exact_rows = 0")
    try session.query("SET hnsw.ef_search = 77")
    _ = try world.search(Array(repeating: 1, count: world.dimensions), user: "large")
    #expect(try setting("hnsw.ef_search") == "77")
    #expect(try setting("hnsw.iterative_scan") == "off")
    #expect(try setting("enable_sort") == "on")
    for (fetched, share, session, expected) in [
      (10, 1.0, 40, "40"), (100, 1.0, 40, "100"), (10, 0.5, 40, "80"), (10, 0.5, 300, "600"),
      (10, 0.001, 40, "1000"),
    ] {
      try world.session.query("BEGIN")
      try world.session.query("SELECT set_config('hnsw.ef_search', \("\(session)"), true)")
      try world.session.query("SELECT vector_ferry.raise_effort(\(fetched)::int, \(share), NULL)")
      #expect(try setting("hnsw.ef_search") == expected)
      #expect(try setting("hnsw.iterative_scan") == "strict_order")
      try world.session.query("ROLLBACK")
    }
    // The setting is the one that `index tune --apply` writes.
    try session.execute(
      script: """
        ALTER FUNCTION vector_ferry.similarity_search(text, text, vector, int, float8, jsonb)
          SET hnsw.ef_search = 200
        """)
    #expect(
      try world.search(Array(repeating: 1, count: world.dimensions), user: "large").count == 10)
    #expect(try setting("hnsw.ef_search") == "77")
  }

  @Test func `above 2000 dimensions the index on half precision is used`() throws {
    var world = try SearchWorld(dimensions: 2100)
    try world.fill([("ann", 300)])
    try world.session.query(
      """
      CREATE INDEX search ON vector_documents
      USING hnsw ((embedding::halfvec(2100)) halfvec_cosine_ops)
      """)
    try world.session.query("SET vector_ferry.exact_rows = 100")
    try world.session.query("BEGIN")
    let found = try world.recall(users: ["ann"], queries: 5)
    #expect(found.mean == 1 && found.fewest == 10)
    #expect(try world.scans("search") == 5)
    try world.session.query("COMMIT")
    // An index that a failed build has left is not used.
    try world.session.query(
      "UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'search'::regclass")
    #expect(try world.recall(users: ["ann"]).mean == 1)
  }
}
