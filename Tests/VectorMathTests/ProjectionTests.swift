import TestSupport
import Testing

@testable import VectorMath

@Suite("Projection")
struct ProjectionTests {
  static func fit(
    _ rows: [Float], _ dimensions: Int, _ target: Int, kind: Projection.Kind = .uncentered,
    isAligned: Bool = true, batch: Int = 37, engine: Engine
  ) throws -> Projection {
    let fitter = try ProjectionFitter(
      dimensions: dimensions, target: target, kind: kind, isAligned: isAligned, engine: engine)
    let count = rows.count / dimensions
    try rows.withUnsafeBufferPointer { buffer in
      for first in stride(from: 0, to: count, by: batch) {
        let taken = min(batch, count - first)
        let slice = buffer[first * dimensions..<(first + taken) * dimensions]
        try fitter.add(rows: UnsafeBufferPointer(rebasing: slice), count: taken)
      }
    }
    return try fitter.projection()
  }

  static func transform(
    _ rows: [Float], _ projection: Projection, _ engine: Engine
  ) throws -> [Float] {
    let count = rows.count / projection.inputDimensions
    var result = [Float](repeating: .nan, count: count * projection.outputDimensions)
    try rows.withUnsafeBufferPointer { rows in
      try result.withUnsafeMutableBufferPointer { result in
        try projection.transform(rows: rows, count: count, into: result, with: engine)
      }
    }
    return result
  }

  struct SmallStore: CustomTestStringConvertible {
    let rows, dimensions, target: Int
    var testDescription: String { "\(rows) rows, \(dimensions) to \(target)" }
  }

  @Test(
    "keeps every cosine with a small store's rows",
    arguments: [
      SmallStore(rows: 1, dimensions: 96, target: 64),
      SmallStore(rows: 11, dimensions: 96, target: 64),
      SmallStore(rows: 62, dimensions: 96, target: 64),
      SmallStore(rows: 63, dimensions: 96, target: 64),
      SmallStore(rows: 116, dimensions: 320, target: 200),
    ], levels)
  func keepsSmallStoresExact(_ store: SmallStore, _ level: ProcessorLevel) throws {
    let engine = try Engine(threads: 2, level: level)
    var generator = SeededGenerator(seed: 21)
    let rows = embeddings(store.rows, store.dimensions, &generator)
    let projection = try Self.fit(rows, store.dimensions, store.target, engine: engine)
    #expect(projection.isExact)
    #expect(projection.energies.count { $0 > 0 } == store.rows)
    #expect(projection.queryResidualSlot == store.target - 1)
    #expect((projection.documentResidualSlot == nil) == (store.rows == store.target - 1))
    let reduced = try Self.transform(rows, projection, engine)
    let queries = embeddings(20, store.dimensions, &generator)
    for query in 0..<20 {
      let long = Array(queries.row(query, of: store.dimensions))
      let short = try projection.reduceQuery(long)
      for row in 0..<store.rows {
        let before = cosine(long, rows.row(row, of: store.dimensions))
        let after = cosine(short, reduced.row(row, of: store.target))
        #expect(abs(before - after) <= 1e-5)
      }
    }
  }

  @Test("keeps residuals of queries and of later documents apart")
  func keepsResidualsApart() throws {
    let engine = try Engine(threads: 1)
    var generator = SeededGenerator(seed: 22)
    let rows = embeddings(10, 64, &generator)
    let projection = try Self.fit(rows, 64, 32, isAligned: false, engine: engine)
    let later = Array(embeddings(1, 64, &generator))
    let document = try projection.reduceDocument(later)
    let query = try projection.reduceQuery(later)
    #expect(document[31] == 0 && query[30] == 0)
    #expect(document[30] > 0.01 && query[31] > 0.01)
    #expect(abs(inner(document, document) - inner(later, later)) <= 1e-5)
    #expect(abs(inner(query, query) - inner(later, later)) <= 1e-5)
    // Only the parts within the span add to the inner product.
    let within = inner(document[..<10], query[..<10])
    #expect(abs(inner(document, query) - within) <= 1e-12)
  }

  @Test("gives what an aligned projection does not span its length, and finds it by itself")
  func keepsLengthsOfLaterDocuments() throws {
    let engine = try Engine(threads: 1)
    var generator = SeededGenerator(seed: 22)
    let rows = embeddings(10, 64, &generator)
    let projection = try Self.fit(rows, 64, 32, engine: engine)
    #expect(projection.images.count == 10 * 30)
    var documents: [[Float]] = []
    for _ in 0..<20 {
      let later = Array(embeddings(1, 64, &generator))
      let document = try projection.reduceDocument(later)
      let query = try projection.reduceQuery(later)
      #expect(document == query && document[30] == 0 && document[31] == 0)
      #expect(abs(inner(query, document) - inner(later, later)) <= 1e-5)
      documents.append(document)
    }
    // A vector without first numbers outside of the span cannot be stretched: the slots get its
    // length.
    var tail = [Float](repeating: 0, count: 64)
    tail[63] = 1
    let document = try projection.reduceDocument(tail)
    let query = try projection.reduceQuery(tail)
    #expect(abs(inner(document, document) - 1) <= 1e-5 && abs(inner(query, query) - 1) <= 1e-5)
    #expect(document[31] == 0 && query[30] == 0)
  }

  @Test("drops directions that duplicates do not add")
  func revealsRank() throws {
    let engine = try Engine(threads: 1)
    var generator = SeededGenerator(seed: 23)
    let base = embeddings(7, 64, &generator)
    let zero = [Float](repeating: 0, count: 64)
    let rows = base + base + zero + base.map { $0 * 3 }
    let projection = try Self.fit(rows, 64, 32, engine: engine)
    #expect(projection.rank == 7)
    #expect(projection.fittedRows == 22)
    #expect(abs((projection.capturedEnergy ?? 0) - 1) < 1e-6)
  }

  @Test("reduces a row alone as it does in a batch", arguments: Projection.Kind.allCases)
  func agreesWithSingleForm(_ kind: Projection.Kind) throws {
    let engine = try Engine(threads: 2)
    var generator = SeededGenerator(seed: 24)
    let rows = embeddings(90, 48, &generator)
    let projection = try Self.fit(rows, 48, 20, kind: kind, engine: engine)
    let batch = try Self.transform(rows, projection, engine)
    let whole = try projection.expand(batch, count: 90, with: engine)
    for row in 0..<90 {
      let back = try projection.expand(Array(batch.row(row, of: 20)))
      for (one, other) in zip(back, whole.row(row, of: 48)) { #expect(abs(one - other) <= 2e-6) }
      let single = try projection.reduceDocument(Array(rows.row(row, of: 48)))
      for (one, other) in zip(single, batch.row(row, of: 20)) { #expect(abs(one - other) <= 2e-6) }
    }
  }

  @Test("has orthonormal components, energies in order, and fixed signs")
  func isOrthonormal() throws {
    let engine = try Engine(threads: 2)
    var generator = SeededGenerator(seed: 25)
    let rows = embeddings(300, 70, &generator)
    for kind in [Projection.Kind.uncentered, .centered] {
      let projection = try Self.fit(rows, 70, 33, kind: kind, engine: engine)
      #expect(projection.rank == 33)
      #expect(projection.energies == projection.energies.sorted(by: >))
      for i in 0..<33 {
        let one = projection.components.row(i, of: 70)
        let largest = one.max { abs($0) < abs($1) } ?? 0
        #expect(largest > 0)
        for j in 0...i {
          let product = inner(one, projection.components.row(j, of: 70))
          #expect(abs(product - (i == j ? 1 : 0)) <= 1e-5)
        }
      }
    }
  }

  @Test("does not depend on how rows come in batches, nor on the number of threads")
  func ignoresBatchesAndThreads() throws {
    var generator = SeededGenerator(seed: 26)
    let rows = embeddings(700, 40, &generator)
    let one = try Self.fit(rows, 40, 16, batch: 700, engine: Engine(threads: 1))
    let two = try Self.fit(rows, 40, 16, batch: 700, engine: Engine(threads: 2))
    let many = try Self.fit(rows, 40, 16, batch: 3, engine: Engine(threads: 3))
    #expect(one == two)
    for (a, b) in zip(one.energies, many.energies) { #expect(abs(a - b) <= 1e-5 * one.energies[0]) }
    for (a, b) in zip(one.components, many.components) { #expect(abs(a - b) <= 1e-2) }
  }

  @Test(
    "finds a number that is not finite wherever it stands",
    arguments: [
      Projection.Kind.uncentered, .centered, .truncated,
    ])
  func findsNonFinite(kind: Projection.Kind) throws {
    let engine = try Engine(threads: 1)
    // The first component uses only the first number.
    let projection = try Projection(
      kind: kind, inputDimensions: 4, outputDimensions: 2,
      components: kind == .truncated ? [] : [1, 0, 0, 0, 0, 0, 0, 1], energies: [1, 1],
      totalEnergy: 2, mean: kind == .centered ? [0, 0, 0, 0] : [], fittedRows: 9, isExact: false)
    for bad in [Float.nan, .infinity, -.infinity] {
      for place in 0..<12 {
        var rows = [Float](repeating: 0.5, count: 12)
        rows[place] = bad
        #expect(throws: ProjectionError.notFinite(row: place / 4, position: place % 4)) {
          var target = [Float](repeating: 0, count: 6)
          try rows.withUnsafeBufferPointer { rows in
            try target.withUnsafeMutableBufferPointer {
              try projection.transform(rows: rows, count: 3, into: $0, with: engine)
            }
          }
        }
      }
    }
  }

  @Test("refuses what cannot be reduced, and says where it is")
  func refuses() throws {
    let engine = try Engine(threads: 1)
    #expect(throws: ProjectionError.impossibleDimensions(input: 3, output: 4)) {
      try ProjectionFitter(dimensions: 3, target: 4, engine: engine)
    }
    let fitter = try ProjectionFitter(dimensions: 3, target: 2, engine: engine)
    let good: [Float] = [1, 2, 3]
    let bad: [Float] = [1, 2, 3, 4, .nan, 6]
    #expect(throws: ProjectionError.notFinite(row: 2, position: 1)) {
      try good.withUnsafeBufferPointer { try fitter.add(rows: $0, count: 1) }
      try bad.withUnsafeBufferPointer { try fitter.add(rows: $0, count: 2) }
    }
    #expect(fitter.rowCount == 1)
    #expect(throws: ProjectionError.wrongLength(expected: 6, found: 3)) {
      try good.withUnsafeBufferPointer { try fitter.add(rows: $0, count: 2) }
    }
    #expect(throws: ProjectionError.noRows) {
      try ProjectionFitter(dimensions: 3, target: 2, engine: engine).projection()
    }
  }

  @Test(arguments: [(5, 9), (9, 5), (40, 6), (6, 40), (40, 60)])
  func `documents get another model's coordinates from what the first one left of them`(
    before: Int, after: Int
  ) throws {
    let (d, k, count) = (24, 16, 11)
    let engine = try Engine()
    var generator = SeededGenerator(seed: UInt64(100 * before + after))
    func rows(_ count: Int) -> [Float] {
      (0..<count * d).map { _ in Float.random(in: -1...1, using: &generator) }
    }
    let old = try Self.fit(rows(before), d, k, engine: engine)
    let new = try Self.fit(rows(after), d, k, engine: engine)
    let documents = try rows(count).chunks(of: d).map { try old.reduceDocument($0) }
    let together = try new.reduceDocuments(
      documents.flatMap { $0 }, count: count, from: old, with: engine)
    for (index, document) in documents.enumerated() {
      var alone = try new.reduceDocument(old.expand(document))
      if let theirs = old.documentResidualSlot, let ours = new.documentResidualSlot {
        alone[ours] = (alone[ours] * alone[ours] + document[theirs] * document[theirs]).squareRoot()
      }
      for (j, number) in alone.enumerated() {
        let limit: Float = j == new.documentResidualSlot ? 2e-3 : 5e-6
        #expect(abs(number - together[index * k + j]) <= limit)
      }
    }
  }
}

extension [Float] {
  /// Returns the rows of this length, one after the other.
  fileprivate func chunks(of length: Int) -> [[Float]] {
    stride(from: 0, to: count, by: length).map { Array(self[$0..<$0 + length]) }
  }
}
