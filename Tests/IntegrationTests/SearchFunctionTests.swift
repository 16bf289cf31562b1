import Foundation
import Postgres
import TestSupport
import Testing

@Suite(.needsServer)
struct SearchFunctionTests {
  private static func cosine(_ a: [Double], _ b: [Double]) -> Double {
    func dot(_ x: [Double], _ y: [Double]) -> Double { zip(x, y).reduce(0) { $0 + $1.0 * $1.1 } }
    return dot(a, b) / (dot(a, a) * dot(b, b)).squareRoot()
  }

  private func search(_ ferry: Ferry, _ query: [Double], k: Int) throws -> [(String, Double)] {
    let rows = try ferry.database.connect().query(
      """
      SELECT text, similarity
      FROM vector_ferry.similarity_search(
        'ann', 'notes', \(VectorValue(query.map { Float($0) }))::vector, \(k)::int)
      """)
    return try (0..<rows.rowCount).map {
      (try rows.value($0, 0, as: String.self), try rows.value($0, 1, as: Double.self))
    }
  }

  @Test(arguments: [1, 3, 9, 14, 15])
  func `a small store keeps every score for queries it has never seen`(count: Int) throws {
    let ferry = try Ferry()
    let rows = Ferry.rows(count, dimensions: 24, seed: 5)
    try ferry.writeStore(rows: rows, texts: Ferry.texts(count))
    let outcome = try ferry.run("--dimensions", "16")
    #expect(outcome.status == 0, "\(outcome.text)\(outcome.errorText)")
    for query in Ferry.rows(20, dimensions: 24, seed: 77) {
      let scores = zip(Ferry.texts(count), rows).map { ($0, Self.cosine(query, $1)) }
      let expected = scores.sorted { $0.1 > $1.1 }
      let found = try search(ferry, query, k: count)
      #expect(found.map(\.0) == expected.map(\.0))
      for (answer, truth) in zip(found, expected) { #expect(abs(answer.1 - truth.1) < 1e-5) }
    }
  }

  @Test func `a store with shorter vectors is searched with its own`() throws {
    let ferry = try Ferry()
    let rows = Ferry.rows(6, dimensions: 8)
    try ferry.writeStore(rows: rows, texts: Ferry.texts(6))
    try ferry.run("--dimensions", "12")
    let found = try search(ferry, rows[2], k: 1)
    #expect(found.map(\.0) == [Ferry.texts(6)[2]])
    #expect(abs(found[0].1 - 1) < 1e-6)
  }

  @Test func `an added document keeps its own length and its score with stored ones`() throws {
    let ferry = try Ferry()
    let rows = Ferry.rows(4, dimensions: 24, seed: 5)
    try ferry.writeStore(rows: rows, texts: Ferry.texts(4))
    try ferry.run("--dimensions", "16")
    let added = Ferry.rows(1, dimensions: 24, seed: 6)[0]
    try ferry.database.connect().query(
      """
      INSERT INTO vector_documents (user_id, collection_name, text, embedding)
      VALUES ('ann', 'notes', 'added', vector_ferry.reduce_document(
        'ann', 'notes', \(VectorValue(added.map { Float($0) }))::vector))
      """)
    for row in rows {
      let found = try search(ferry, row, k: 5).first { $0.0 == "added" }
      #expect(abs(try #require(found).1 - Self.cosine(row, added)) < 1e-5)
    }
  }

  @Test func `what cannot be searched is told, and what is empty finds nothing`() throws {
    let ferry = try Ferry()
    try ferry.writeStore(rows: Ferry.rows(4, dimensions: 24), texts: Ferry.texts(4))
    try ferry.writeStore(collection: "empty", rows: [], texts: [])
    #expect(try ferry.run("--dimensions", "16").status == 0)
    let session = try ferry.database.connect()
    let error = #expect(throws: PostgresError.self) { _ = try search(ferry, [1, 2, 3], k: 1) }
    #expect(error?.serverError?.message.contains("takes vectors of 24 dimensions, not 3") == true)
    let empty: Int? = try session.scalar(
      """
      SELECT count(*) FROM vector_ferry.similarity_search(
        'ann', 'empty', \(VectorValue([1, 2, 3]))::vector)
      """)
    #expect(empty == 0)
    let nothing: Bool? = try session.scalar(
      "SELECT vector_ferry.reduce_query('ann', 'notes', NULL) IS NULL")
    #expect(nothing == true)
  }

  @Test func `a collection that nobody migrated follows its table to another dimension`() throws {
    let ferry = try Ferry()
    try ferry.writeStore(rows: Ferry.rows(40, dimensions: 16), texts: Ferry.texts(40))
    #expect(try ferry.run("--table", "docs2").status == 0)
    let change = try ferry.run(
      "dimensions", "change", "--table", "docs2", "--to", "8", "--min-recall", "0")
    #expect(change.status == 0, "\(change.text)\(change.errorText)")
    let session = try ferry.database.connect()
    let vector = VectorValue(Ferry.rows(1, dimensions: 16, seed: 4)[0].map { Float($0) })
    try session.query(
      "SELECT vector_ferry.upsert_document('new', 'notes', 'written later', \(vector)::vector)")
    let found: String? = try session.scalar(
      """
      SELECT concat(text, ' ', round(similarity::numeric, 3))
      FROM vector_ferry.similarity_search('new', 'notes', \(vector)::vector, 1)
      """)
    #expect(found == "written later 1.000")
  }
}
