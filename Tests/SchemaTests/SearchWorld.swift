import Postgres
import TestSupport

import Layouts
import OwnSchema

/// A table of documents of many users, with vectors in clusters, as embeddings have them.
struct SearchWorld {
  let database: TestDatabase
  let session: Connection
  let dimensions: Int
  private var centers: [[Float]] = []
  private var generator: SeededGenerator

  init(dimensions: Int, seed: UInt64 = 1) throws {
    database = try TestDatabase()
    session = try database.connect()
    self.dimensions = dimensions
    generator = SeededGenerator(seed: seed)
    try session.query("CREATE EXTENSION vector")
    try FerrySchema.install(on: session)
    try VectorTable(
      name: QualifiedName(schema: "public", "vector_documents"), dimensions: dimensions
    )
    .create(on: session, vectorSchema: "public")
    for _ in 0..<50 { centers.append(noise(1)) }
  }

  private mutating func noise(_ size: Float) -> [Float] {
    (0..<dimensions).map { _ in Float.random(in: -size...size, using: &generator) }
  }

  /// Returns a vector near the centre of a random cluster.
  mutating func vector() -> [Float] {
    let center = centers[Int.random(in: 0..<centers.count, using: &generator)]
    return zip(center, noise(0.7)).map { $0 + $1 }
  }

  /// Adds documents of users in random order, as an application would write them.
  ///
  /// The server makes the numbers, because a debug build would need minutes for millions of
  /// numbers.
  mutating func fill(_ users: [(name: String, documents: Int)]) throws {
    try session.query("SELECT setseed(0.25)")
    try session.query("CREATE TEMPORARY TABLE IF NOT EXISTS centers (number int, v real[])")
    try session.query("TRUNCATE centers")
    for (number, center) in centers.enumerated() {
      try session.query(
        "INSERT INTO centers VALUES (\(number), \(VectorValue(center))::vector::real[])")
    }
    try session.query("CREATE TEMPORARY TABLE IF NOT EXISTS owners (name text, documents bigint)")
    try session.query("TRUNCATE owners")
    for user in users {
      try session.query("INSERT INTO owners VALUES (\(user.name), \(user.documents))")
    }
    try session.execute(
      script: """
        INSERT INTO vector_documents (user_id, collection_name, text, embedding, metadata)
        SELECT d.name, 'notes', format('document %s of %s', d.n, d.name),
               (SELECT array_agg(x + (1.4 * random() - 0.7)::real)
                FROM unnest(c.v) x WHERE d.n IS NOT NULL)::vector,
               jsonb_build_object('n', d.n, 'third', d.n % 3)
        FROM (SELECT o.name, row_number() OVER (ORDER BY random()) AS n,
                     floor(random() * 50)::int AS center
              FROM owners o, generate_series(1, o.documents)) d
        JOIN centers c ON c.number = d.center
        ORDER BY d.n;
        ANALYZE vector_documents;
        """)
  }

  /// Returns the ids that the function finds, best first.
  func search(
    _ query: [Float], user: String, k: Int = 10, threshold: Double? = nil, filter: String? = nil
  ) throws -> [String] {
    try ids(
      """
      SELECT id::text FROM vector_ferry.similarity_search(
        \(user), 'notes', \(VectorValue(query))::vector, \(k)::int, \(threshold), \(filter)::jsonb)
      """)
  }

  /// Returns the ids that an exact scan finds.
  func truth(_ query: [Float], user: String, k: Int = 10) throws -> [String] {
    try ids(
      """
      SELECT id::text FROM (
        SELECT id, embedding <=> \(VectorValue(query))::vector AS distance FROM vector_documents
        WHERE user_id = \(user) OFFSET 0) t
      ORDER BY distance, id LIMIT \(k)::int
      """)
  }

  private func ids(_ sql: SQL) throws -> [String] {
    let rows = try session.query(sql)
    return try rows.map { (row) throws(PostgresError) in try rows.value(row, 0) }
  }

  /// Returns the number of scans of an index within this transaction.
  func scans(_ index: String) throws -> Int {
    try session.scalar("SELECT pg_stat_get_xact_numscans(\(index)::text::regclass)") ?? 0
  }

  /// Returns the mean share of the true nearest documents that searches find, and the smallest
  /// number of rows of a search.
  mutating func recall(
    users: [String], queries: Int = 1, k: Int = 10
  ) throws -> (mean: Double, fewest: Int) {
    var (found, wanted, fewest) = (0, 0, Int.max)
    for user in users {
      for _ in 0..<queries {
        let query = vector()
        let answer = try search(query, user: user, k: k)
        let truth = try truth(query, user: user, k: k)
        found += Set(answer).intersection(truth).count
        wanted += truth.count
        fewest = min(fewest, answer.count)
      }
    }
    return (Double(found) / Double(wanted), fewest)
  }
}
