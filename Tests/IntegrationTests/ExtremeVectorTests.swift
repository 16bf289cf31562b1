import Postgres
import TestSupport
import Testing

/// Tests vectors of every length, in searches and when documents are added.
@Suite(.needsServer)
struct ExtremeVectorTests {
  private let rows = Ferry.rows(30, dimensions: 48, seed: 41)
  private let query = Ferry.rows(1, dimensions: 48, seed: 42)[0]

  private func migrated(_ arguments: String...) throws -> Ferry {
    let ferry = try Ferry()
    try ferry.writeStore(rows: rows, texts: Ferry.texts(rows.count))
    let outcome = try ferry.run(command: arguments)
    #expect(outcome.status == 0, "\(outcome.text)\(outcome.errorText)")
    return ferry
  }

  private func times(_ factor: Double, _ vector: [Double]) -> [Double] {
    vector.map { $0 * factor }
  }

  /// Expects the documents and the scores of an exact scan.
  private func expectTruth(
    _ ferry: Ferry, _ query: [Double], among rows: [[Double]], precision: Double,
    _ place: SourceLocation = #_sourceLocation
  ) throws {
    let truth = Ferry.nearest(query, among: rows, texts: Ferry.texts(rows.count), k: 10)
    let found = try ferry.search(query, k: 10)
    #expect(found.map(\.text) == truth.map(\.text), sourceLocation: place)
    for (answer, expected) in zip(found, truth) {
      #expect(abs(answer.score - expected.score) < precision, sourceLocation: place)
    }
  }

  @Test(arguments: ["40", "64", "48"])
  func `rows of every length that is allowed are ranked by their directions`(
    dimensions: String
  ) throws {
    let lengths = [0x1p-56, 1e-12, 1e-3, 1, 1e5, 0x1p52]
    let extreme = rows.enumerated().map { times(lengths[$0 % lengths.count], $1) }
    let ferry = try Ferry()
    try ferry.writeStore(rows: extreme, texts: Ferry.texts(rows.count))
    // The vectors are reduced, extended with zeros, or unchanged.
    let outcome = try ferry.run("--dimensions", dimensions)
    #expect(outcome.status == 0, "\(outcome.text)\(outcome.errorText)")
    for factor in [1e-40, 1e-30, 1, 1e30] {
      try expectTruth(ferry, times(factor, query), among: extreme, precision: 1e-5)
    }
  }

  @Test(arguments: ["pca", "truncate"])
  func `the length of a query changes nothing where originals rank`(reduction: String) throws {
    let ferry = try migrated(
      "--dimensions", "16", "--reduce", reduction, "--keep-original", "always", "--min-recall", "0")
    let session = try ferry.database.connect()
    // Returns the texts in their order, and the similarities.
    let hybrid = { (vector: [Double]) -> (texts: [String], scores: [Double]) in
      let found = try session.query(
        """
        SELECT text, similarity
        FROM vector_ferry.hybrid_search(
          'ann', 'notes', 'naïve', \(VectorValue(vector.map { Float($0) }))::vector, 10)
          WITH ORDINALITY h(id, text, metadata, similarity, keyword_rank, score, source, n)
        ORDER BY n
        """)
      return (
        try (0..<found.rowCount).map { try found.value($0, 0) },
        try (0..<found.rowCount).map { try found.value($0, 1) }
      )
    }
    let expected = try hybrid(query)
    #expect(expected.texts.first?.contains("Text number") == true)
    for factor in [1e-36, 1e-9, 1e-4, 1, 1e5, 1e37] {
      try expectTruth(ferry, times(factor, query), among: rows, precision: 2e-3)
      let found = try hybrid(times(factor, query))
      #expect(found.texts == expected.texts, "\(factor)")
      let far = zip(found.scores, expected.scores).map { abs($0 - $1) }.max() ?? 1
      #expect(far < 2e-3, "\(factor)")
    }
  }

  @Test func `the length of a query changes nothing where an index in half precision is asked`()
    throws
  {
    let ferry = try migrated("--dimensions", "48")
    let session = try ferry.database.connect()
    try session.execute(
      script: """
        CREATE INDEX ON vector_documents
          USING hnsw ((embedding::halfvec(48)) halfvec_cosine_ops);
        """)
    try session.query(
      SQL(script: "ALTER DATABASE \(ferry.database.name) SET vector_ferry.exact_rows = 0"))
    for factor in [1e-30, 1e-9, 1, 1e6, 1e30] {
      try expectTruth(ferry, times(factor, query), among: rows, precision: 1e-5)
    }
  }

  @Test func `a query whose numbers differ very much is scaled all the same`() throws {
    let ferry = try migrated("--dimensions", "40")
    var odd = times(1e30, query)
    odd[3] = 1e-30
    try expectTruth(ferry, odd, among: rows, precision: 1e-5)
    let reduced: Double? = try ferry.scalar(
      """
      SELECT vector_norm(vector_ferry.reduce_query(
        'ann', 'notes', \(VectorValue(odd.map { Float($0) }))::vector))
      """)
    #expect(abs((reduced ?? 0) - 1) < 1e-6)
  }

  /// The vectors that `upsert_document` refuses: the factor that a vector is multiplied by, whether
  /// one number becomes 70,000, and the words of the refusal.
  private static let refused: [(factor: Double, isLarge: Bool, words: String)] = [
    (1e-30, false, "p_embedding has the length "), (1e-18, false, "p_embedding has the length "),
    (1e30, false, "searches can compare vectors of lengths from 2.8e-17 to 3.6e16"),
    (3e38, false, "p_embedding has the length "),
    (1, true, "p_embedding, position 5: 70000 is too large for half precision"),
    (1e-9, false, "which is too small for half precision, in which the collection keeps originals"),
  ]

  @Test func `a document that searches could not compare is refused in plain words`() throws {
    let ferry = try migrated(
      "--dimensions", "16", "--keep-original", "always", "--min-recall", "0")
    let session = try ferry.database.connect()
    for (factor, isLarge, words) in Self.refused {
      var vector = times(factor, query)
      if isLarge { vector[5] = 70_000 }
      let value = VectorValue(vector.map { Float($0) })
      let refusal = #expect(throws: PostgresError.self) {
        try session.query(
          "SELECT vector_ferry.upsert_document('ann', 'notes', 'added', \(value)::vector)")
      }
      let error = try #require(refusal?.serverError)
      #expect(error.message.contains(words), "\(error.message)")
      #expect(error.sqlState == "22003" && error.hint?.contains("divide the vector") == true)
    }
    #expect(try ferry.counts() == ["ann/notes": 30])
    try expectTruth(ferry, query, among: rows, precision: 2e-3)
    // The vector is accepted once it is divided by its length, as the hint says.
    let length = Ferry.length(query)
    let value = VectorValue(times(1 / length, query).map { Float($0) })
    try session.query(
      "SELECT vector_ferry.upsert_document('ann', 'notes', 'added', \(value)::vector)")
    #expect(try ferry.search(times(1e-30, query), k: 1).map(\.text) == ["added"])
  }

  @Test func `other functions refuse such documents, too, and take zeros`() throws {
    let ferry = try migrated("--dimensions", "64")
    let session = try ferry.database.connect()
    for (dimensions, collection) in [(48, "notes"), (64, "notes"), (64, "new")] {
      for number in ["1e-30", "1e18"] {
        let refusal = #expect(throws: PostgresError.self) {
          try session.query(
            SQL(
              script: """
                SELECT vector_ferry.reduce_document('ann', '\(collection)',
                  array_fill(\(number)::real, ARRAY[\(dimensions)])::vector)
                """))
        }
        #expect(refusal?.serverError?.message.hasPrefix("p_vector has the length ") == true)
      }
    }
    try session.query(
      """
      SELECT vector_ferry.upsert_document(
        'ann', 'notes', 'nothing', array_fill(0::real, ARRAY[48])::vector)
      """)
    let last: String? = try session.scalar(
      """
      SELECT concat_ws(' ', text, similarity) FROM vector_ferry.similarity_search(
        'ann', 'notes', \(VectorValue(query.map { Float($0) }))::vector, 100) OFFSET 30
      """)
    #expect(last == "nothing")
  }

  @Test func `a centred model takes no query whose length it cannot compare`() throws {
    let ferry = try migrated("--dimensions", "16", "--centered", "--min-recall", "0")
    let refusal = #expect(throws: PostgresError.self) {
      _ = try ferry.search(times(1e-30, query))
    }
    #expect(refusal?.serverError?.message.contains("a centred model takes vectors of") == true)
    #expect(try ferry.search(times(1e-9, query)).count == 10)
  }
}
