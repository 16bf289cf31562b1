import Models
import Postgres
import TestSupport
import Testing
import VectorMath

/// Tests searches in vectors reduced from 3072 to 2000 dimensions, by models of few and of many
/// components.
@Suite(.needsServer)
struct AlignedSearchTests {
  private static let dimensions = 3072

  private static func rows(_ count: Int, seed: UInt64) -> [[Double]] {
    Ferry.rows(count, dimensions: dimensions, seed: seed)
  }

  private func migrated(_ count: Int) throws -> Ferry {
    let ferry = try Ferry()
    try ferry.writeStore(rows: Self.rows(count, seed: 31), texts: Ferry.texts(count))
    let outcome = try ferry.run()
    #expect(outcome.status == 0, "\(outcome.text)\(outcome.errorText)")
    return ferry
  }

  @Test func `documents that are added later are found first by their own vectors`() throws {
    let ferry = try migrated(5)
    let session = try ferry.database.connect()
    let added = Self.rows(6, seed: 32)
    for (number, vector) in added.enumerated() {
      try session.query(
        """
        SELECT vector_ferry.upsert_document(
          'ann', 'notes', \("added \(number)"), \(VectorValue(vector.map { Float($0) }))::vector)
        """)
    }
    for (number, vector) in added.enumerated() {
      let found = try ferry.search(vector, k: 11)
      #expect(found.first?.text == "added \(number)")
      #expect(abs((found.first?.score ?? 0) - 1) <= 1e-5)
      for (text, row) in zip(Ferry.texts(5), Self.rows(5, seed: 31)) {
        let answer = try #require(found.first { $0.text == text })
        #expect(abs(answer.score - Ferry.cosine(vector, row)) <= 1e-5)
      }
    }
    // A reader cuts its queries to the first numbers, as an application does that was not changed.
    for (text, row) in zip(Ferry.texts(5), Self.rows(5, seed: 31)) {
      let cut = VectorValue(row.prefix(2000).map { Float($0) })
      let first: String? = try session.scalar(
        "SELECT text FROM vector_documents ORDER BY embedding <=> \(cut)::vector LIMIT 1")
      #expect(first == text)
    }
  }

  @Test(arguments: [1, 5, 40])
  func `the database reduces as the program does`(count: Int) throws {
    let ferry = try migrated(count)
    let session = try ferry.database.connect()
    let id: Int? = try session.scalar("SELECT id FROM vector_ferry.projections")
    let projection = try ModelTable(connection: session).projection(try #require(id))
    #expect(projection.images.count == count * 1998)
    var vectors = Self.rows(4, seed: 33) + Self.rows(1, seed: 31)
    // A vector with only last numbers, which cannot be stretched, and a vector of zeros.
    vectors.append([Double](repeating: 0, count: 3071) + [1])
    vectors.append([Double](repeating: 0, count: 3072))
    for vector in vectors {
      let value = VectorValue(vector.map { Float($0) })
      let whole = vector.reduce(0) { $0 + $1 * $1 }.squareRoot()
      for (function, ours) in [
        ("reduce_query", try projection.reduceQuery(value.elements)),
        ("reduce_document", try projection.reduceDocument(value.elements)),
      ] {
        let text: String? = try session.scalar(
          SQL(script: "SELECT vector_ferry.\(function)('ann', 'notes', ")
            + "\(value)::vector)::text")
        let theirs = try #require(text).dropFirst().dropLast().split(separator: ",")
          .compactMap { Double($0) }
        #expect(theirs.count == 2000)
        let worst = zip(ours, theirs).map { abs(Double($0) - $1) }.max() ?? 1
        #expect(worst <= 1e-6 * max(1, whole), "\(function)")
      }
    }
  }
}
