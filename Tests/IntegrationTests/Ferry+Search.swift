import Foundation
import Postgres
import TestSupport

extension Ferry {
  /// Returns the texts and scores that `similarity_search` finds, best first.
  func search(
    _ query: [Double], k: Int = 10, user: String = "ann", collection: String = "notes"
  ) throws -> [(text: String, score: Double)] {
    let rows = try database.connect().query(
      """
      SELECT text, similarity FROM vector_ferry.similarity_search(
        \(user), \(collection), \(VectorValue(query.map { Float($0) }))::vector, \(k)::int)
      """)
    return try (0..<rows.rowCount).map { (try rows.value($0, 0), try rows.value($0, 1)) }
  }

  /// Returns the texts of the `rows` nearest to a query by cosine, best first, by an exact scan.
  static func nearest(
    _ query: [Double], among rows: [[Double]], texts: [String], k: Int = 10
  ) -> [(text: String, score: Double)] {
    zip(texts, rows).map { ($0, cosine(query, $1)) }.sorted { $0.1 > $1.1 }.prefix(k)
      .map { (text: $0.0, score: $0.1) }
  }

  /// Returns the cosine of two vectors in double precision.
  static func cosine(_ a: [Double], _ b: [Double]) -> Double {
    func dot(_ x: [Double], _ y: [Double]) -> Double {
      var sum = 0.0
      for index in x.indices { sum += x[index] * y[index] }
      return sum
    }
    return dot(a, b) / (dot(a, a) * dot(b, b)).squareRoot()
  }

  /// Returns the length of a vector in double precision.
  static func length(_ vector: [Double]) -> Double {
    vector.reduce(0) { $0 + $1 * $1 }.squareRoot()
  }

  /// Returns the mean share of each query's true neighbours that `similarity_search` finds.
  func recall(queries: [[Double]], rows: [[Double]], texts: [String]) throws -> Double {
    var found = 0
    for query in queries {
      let truth = Set(Self.nearest(query, among: rows, texts: texts).map(\.text))
      found += try search(query).filter { truth.contains($0.text) }.count
    }
    return Double(found) / Double(10 * queries.count)
  }

  /// Returns the JSON object that the program printed.
  static func json(_ outcome: ProcessOutcome) throws -> [String: Any] {
    try JSONSerialization.jsonObject(with: outcome.output) as? [String: Any] ?? [:]
  }

  /// Adds a document as an application does: reduces its vector in SQL, and keeps the original
  /// where `keepingOriginal` is true.
  func addDocument(_ text: String, _ vector: [Double], keepingOriginal: Bool) throws {
    let value = VectorValue(vector.map { Float($0) })
    let session = try database.connect()
    let id: String? = try session.scalar(
      """
      INSERT INTO vector_documents (user_id, collection_name, text, embedding)
      VALUES ('ann', 'notes', \(text), vector_ferry.reduce_document('ann', 'notes', \(value)::vector))
      RETURNING id::text
      """)
    guard keepingOriginal else { return }
    try session.query(
      """
      SELECT vector_ferry.keep_original('ann', 'notes', \(id ?? "")::uuid, \(value)::vector)
      """)
  }
}
