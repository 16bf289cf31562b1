import Postgres
import TestSupport

@testable import Schema

/// A table of documents of many users, with vectors that lie in clusters as embeddings do.
struct SearchWorld {
  let database: TestDatabase
  let session: Connection
  let dimensions: Int
  /// Vectors as they were stored, by user.
  private(set) var vectors: [String: [[Float]]] = [:]
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

  /// A vector near one of the clusters' centres.
  mutating func vector() -> [Float] {
    let center = centers[Int.random(in: 0..<centers.count, using: &generator)]
    return zip(center, noise(0.7)).map { $0 + $1 }
  }

  /// Adds documents of users, in random order as an application would have written them.
  mutating func fill(_ users: [(name: String, documents: Int)]) throws {
    var owners = users.flatMap { Array(repeating: $0.name, count: $0.documents) }
    owners.shuffle(using: &generator)
    let rows = owners.map { (owner: $0, vector: vector()) }
    for row in rows { vectors[row.owner, default: []].append(row.vector) }
    try session.copyIn(
      QualifiedName("vector_documents"),
      columns: ["user_id", "collection_name", "text", "embedding", "metadata"]
    ) { writer in
      for (number, row) in rows.enumerated() {
        try writer.beginRow()
        writer.text(row.owner)
        writer.text("notes")
        writer.text("document \(number) of \(row.owner)")
        row.vector.withUnsafeBufferPointer { writer.vector($0) }
        writer.jsonb(Array("{\"n\": \(number), \"third\": \(number % 3)}".utf8))
      }
    }
    try session.execute(script: "ANALYZE vector_documents")
  }

  /// The ids that the function finds, best first.
  func search(
    _ query: [Float], user: String, k: Int = 10, threshold: Double? = nil, filter: String? = nil
  ) throws -> [String] {
    try ids(
      """
      SELECT id::text FROM vector_ferry.similarity_search(
        \(user), 'notes', \(VectorValue(query))::vector, \(k)::int, \(threshold), \(filter)::jsonb)
      """)
  }

  /// The ids of an exact scan.
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

  /// How often an index has been asked within this transaction.
  func scans(_ index: String) throws -> Int {
    try session.scalar("SELECT pg_stat_get_xact_numscans(\(index)::text::regclass)") ?? 0
  }

  /// The mean share of the true nearest that searches find, and the fewest rows that one gave.
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
