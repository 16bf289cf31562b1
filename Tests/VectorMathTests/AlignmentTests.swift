import Foundation
import TestSupport
import Testing

@testable import VectorMath

/// Tests that the reduced space is turned towards the first coordinates, and that no inner product
/// changes.
@Suite("Alignment")
struct AlignmentTests {
  /// Rows with certain angles between their span and the first coordinates.
  struct Case: Sendable, CustomTestStringConvertible {
    let testDescription: String
    var dimensions = 64
    var target = 32
    /// Makes rows of `dimensions` numbers.
    let rows: @Sendable (inout SeededGenerator) -> [Float]
    /// The largest allowed difference between reduced vectors and those of the reference.
    var tolerance = 1e-5

    /// Returns a case whose rows are combinations of vectors at these angles (in degrees) to the
    /// first coordinates.
    ///
    /// Each vector lies in a plane of its own. The planes are turned at random, within the first
    /// and within the last coordinates.
    static func angles(_ name: String, _ degrees: [Double], count: Int, tolerance: Double = 1e-5)
      -> Case
    {
      Case(
        testDescription: name,
        rows: { generator in
          let width = 30
          let heads = orthonormal(degrees.count, width, &generator)
          let tails = orthonormal(degrees.count, 64 - width, &generator)
          return (0..<count).flatMap { _ -> [Float] in
            var row = [Double](repeating: 0, count: 64)
            for (index, angle) in degrees.enumerated() {
              let weight = Double.random(in: -1...1, using: &generator)
              let radians = angle * Double.pi / 180
              // The rows are exact at 0 and 90 degrees as well.
              let cosine = angle == 90 ? 0 : cos(radians)
              let sine = angle == 0 ? 0 : sin(radians)
              for j in 0..<width { row[j] += weight * cosine * heads[index][j] }
              for j in width..<64 { row[j] += weight * sine * tails[index][j - width] }
            }
            return row.map { Float($0) }
          }
        }, tolerance: tolerance)
    }

    static func random(
      _ name: String, _ count: Int, dimensions: Int = 64, target: Int = 32, tolerance: Double = 1e-5
    ) -> Case {
      Case(
        testDescription: name, dimensions: dimensions, target: target,
        rows: { embeddings(count, dimensions, &$0) }, tolerance: tolerance)
    }
  }

  /// Returns orthonormal rows of random directions.
  static func orthonormal(_ count: Int, _ length: Int, _ generator: inout SeededGenerator)
    -> [[Double]]
  {
    var rows: [[Double]] = []
    while rows.count < count {
      var row = normals(length, &generator).map { Double($0) }
      for _ in 0..<2 {
        for other in rows {
          let part = zip(row, other).reduce(0) { $0 + $1.0 * $1.1 }
          for j in row.indices { row[j] -= part * other[j] }
        }
      }
      let size = row.reduce(0) { $0 + $1 * $1 }.squareRoot()
      rows.append(row.map { $0 / size })
    }
    return rows
  }

  static let cases: [Case] = [
    .angles("angles of 0", [0, 0, 0], count: 9),
    .angles(
      "angles of 0, 1e-7 radians, 45 and 90 degrees", [0, 1e-7 * 57.29578, 45, 90], count: 12),
    .angles("one direction at 90 degrees", [90], count: 3),
    .angles("an angle of 90 degrees less 1e-7 radians", [30, 90 - 1e-7 * 57.29578], count: 6),
    .angles("angles all over", stride(from: 2, to: 88, by: 4).map { $0 }, count: 22),
    // The directions are exact to a few units of the last place, and so are their images in
    // relation to the cosine.
    .angles("near 90 degrees", [10, 88, 89, 89.9, 89.99], count: 20, tolerance: 2e-3),
    .random("few rows", 10),
    .random("one row", 1),
    .random("as many rows as coordinates without slots", 30),
    .random("one more, with one slot", 31),
    .random("more coordinates than are cut off", 40, dimensions: 64, target: 52),
    .random("rows of many coordinates", 150, dimensions: 400, target: 260),
    Case(
      testDescription: "duplicates and zero rows",
      rows: { generator in
        let base = embeddings(6, 64, &generator)
        return base + [Float](repeating: 0, count: 64) + base + base.map { $0 * 3 }
      }),
    Case(
      testDescription: "nearly dependent rows",
      rows: { generator in
        let base = embeddings(5, 64, &generator)
        let noise = normals(5 * 64, &generator)
        return base + zip(base, noise).map { $0 + $1 * 1e-3 }
      }),
    Case(
      testDescription: "rows within the first coordinates",
      rows: { generator in
        var rows = embeddings(12, 64, &generator)
        for row in 0..<12 { for j in 30..<64 { rows[row * 64 + j] = 0 } }
        return rows
      }),
  ]

  /// A script with the same mathematics in double precision.
  static let reference = """
    import sys, numpy
    count, others, d, k = map(int, sys.argv[1:5])
    both = numpy.frombuffer(sys.stdin.buffer.read(), dtype=numpy.float32).astype(float)
    rows, asked = both[:count * d].reshape(count, d), both[count * d:].reshape(others, d)
    lengths = numpy.linalg.norm(rows, axis=1, keepdims=True)
    scaled = rows / numpy.where(lengths > 0, lengths, 1)
    _, values, p = numpy.linalg.svd(scaled, full_matrices=False)
    p = p[values > 1e-6 * values[0]]
    r = len(p)
    m = max(r, k - 2)
    u, cosines, v = numpy.linalg.svd(p[:, :m], full_matrices=False)
    near = cosines > 5e-6
    t = u[:, near] @ v[near]
    for direction in u[:, ~near].T:
        free = 1 - (t ** 2).sum(axis=0)
        image = numpy.zeros(m)
        image[numpy.argmax(free > free.max() - 1e-6)] = 1
        image -= t.T @ (t @ image)
        whole = direction @ p
        if whole[numpy.abs(whole).argmax()] < 0:
            direction = -direction
        t += numpy.outer(direction, image / numpy.linalg.norm(image))
    short = r < m and r * (d + 2 * m) < m * d
    def reduce(x, slot):
        y = numpy.zeros((len(x), k))
        head, span = x[:, :m], x @ p.T
        whole = (x ** 2).sum(axis=1)
        rest = whole - (span ** 2).sum(axis=1)
        kept = (head ** 2).sum(axis=1) - ((head @ t.T) ** 2).sum(axis=1)
        outside = short & (rest > 4e-6 * whole) & (kept > 0.01 * rest)
        s = numpy.sqrt(numpy.where(outside, rest, 1) / numpy.where(outside, kept, 1))[:, None]
        y[:, :m] = s * head + (span - s * (head @ t.T)) @ t
        if slot is not None:
            left = whole - (y ** 2).sum(axis=1)
            y[:, slot] = numpy.sqrt(numpy.where(left > 4e-6 * whole, left, 0))
        return y
    for slot, x in [(None, rows), (k - 2 if r < k - 1 else None, asked),
                    (k - 1 if r < k else None, asked)]:
        sys.stdout.buffer.write(reduce(x, slot).tobytes())
    """

  @Test("is that of NumPy in double precision", .needsPython, arguments: cases, levels)
  func agrees(_ sample: Case, _ level: ProcessorLevel) throws {
    let engine = try Engine(threads: 2, level: level)
    var generator = SeededGenerator(seed: 81)
    let (d, k, others) = (sample.dimensions, sample.target, 20)
    let rows = sample.rows(&generator)
    let asked = embeddings(others, d, &generator)
    let projection = try ProjectionTests.fit(rows, d, k, engine: engine)
    #expect(projection.isExact && projection.alignedDimensions != nil)
    let answer = try Oracle.run(
      Self.reference, ["\(rows.count / d)", "\(others)", "\(d)", "\(k)"],
      input: (rows + asked).withUnsafeBytes { Data($0) })
    let expected = answer.output.withUnsafeBytes { Array($0.bindMemory(to: Double.self)) }
    var ours = try ProjectionTests.transform(rows, projection, engine)
    // Documents that were not fitted and queries are reduced all at once and one by one.
    let slots = [projection.documentResidualSlot, projection.queryResidualSlot]
    for areQueries in [false, true] {
      var together = [Float](repeating: .nan, count: others * k)
      try asked.withUnsafeBufferPointer { asked in
        try together.withUnsafeMutableBufferPointer {
          areQueries
            ? try projection.transformQueries(rows: asked, count: others, into: $0, with: engine)
            : try projection.transformDocuments(rows: asked, count: others, into: $0, with: engine)
        }
      }
      for row in 0..<others {
        let vector = Array(asked.row(row, of: d))
        let alone =
          try areQueries ? projection.reduceQuery(vector) : projection.reduceDocument(vector)
        ours += alone
        for (j, (one, other)) in zip(alone, together.row(row, of: k)).enumerated() {
          #expect(abs(one - other) <= (slots.contains(j) ? 1e-3 : 2e-6))
        }
      }
    }
    #expect(ours.count == expected.count)
    var worst = 0.0
    for (index, (one, other)) in zip(ours, expected).enumerated() {
      // The square of a very small rest is only rounding, so the rest itself is uncertain.
      let isSlot = slots.contains(index % k)
      worst = max(worst, abs(Double(one) - other) / (isSlot ? 100 : 1))
    }
    #expect(worst <= sample.tolerance, "\(worst)")
  }

  @Test("changes no inner product of fitted rows with anything", arguments: cases)
  func keepsInnerProducts(_ sample: Case) throws {
    let engine = try Engine(threads: 1)
    var generator = SeededGenerator(seed: 82)
    let (d, k) = (sample.dimensions, sample.target)
    let rows = sample.rows(&generator)
    let asked = embeddings(10, d, &generator) + rows.prefix(3 * d)
    let projection = try ProjectionTests.fit(rows, d, k, engine: engine)
    let reduced = try ProjectionTests.transform(rows, projection, engine)
    for query in 0..<asked.count / d {
      let long = Array(asked.row(query, of: d))
      let short = try projection.reduceQuery(long)
      #expect(abs(inner(short, short) - inner(long, long)) <= 1e-5)
      for row in 0..<rows.count / d {
        let before = inner(long, rows.row(row, of: d))
        #expect(abs(before - inner(short, reduced.row(row, of: k))) <= 1e-5)
      }
    }
  }

  @Test("gives back what is in the span, and the first numbers of the rest", arguments: cases)
  func expands(_ sample: Case) throws {
    let engine = try Engine(threads: 1)
    var generator = SeededGenerator(seed: 83)
    let (d, k) = (sample.dimensions, sample.target)
    let rows = sample.rows(&generator)
    let projection = try ProjectionTests.fit(rows, d, k, engine: engine)
    let reduced = try ProjectionTests.transform(rows, projection, engine)
    for row in 0..<min(5, rows.count / d) {
      let back = try projection.expand(Array(reduced.row(row, of: k)))
      for (one, other) in zip(back, rows.row(row, of: d)) { #expect(abs(one - other) <= 1e-5) }
    }
    let together = try projection.expand(reduced, count: rows.count / d, with: engine)
    for row in 0..<rows.count / d {
      let back = try projection.expand(Array(reduced.row(row, of: k)))
      for (one, other) in zip(back, together.row(row, of: d)) { #expect(abs(one - other) <= 2e-6) }
    }
    // An expanded vector is reduced to the same vector again.
    let later = Array(embeddings(1, d, &generator))
    let short = try projection.reduceDocument(later)
    let again = try projection.reduceDocument(try projection.expand(short))
    for j in 0..<k where projection.documentResidualSlot != j {
      #expect(abs(short[j] - again[j]) <= 1e-5)
    }
  }

  struct Wide: Sendable, CustomTestStringConvertible {
    let rows, dimensions, target: Int
    var testDescription: String { "\(rows) rows, \(dimensions) to \(target)" }
  }

  /// A script that turns components to the first coordinates in double precision: first the first
  /// rows alone, then the others.
  static let turned = """
    import sys, numpy
    k, d, first = map(int, sys.argv[1:4])
    p = numpy.frombuffer(sys.stdin.buffer.read(), dtype=numpy.float32).astype(float).reshape(k, d)
    smallest = 1
    def polar(c):
        global smallest
        u, cosines, v = numpy.linalg.svd(c, full_matrices=False)
        smallest = min(smallest, cosines.min(initial=1))
        return u @ v
    c = p[:, :k]
    t = polar(c[:first]) if first else c[:0]
    rest = c[first:] - (c[first:] @ t.T) @ t
    sys.stdout.buffer.write((numpy.vstack([t, polar(rest)]).T @ p).tobytes())
    # An image is known the less, the nearer its direction is to a right angle.
    sys.stdout.buffer.write(numpy.float64(smallest).tobytes())
    """

  @Test(
    "takes the first directions on their own", .needsPython,
    arguments: [(40, 52, 64), (40, 60, 64), (20, 24, 64), (12, 24, 64), (30, 30, 64)], [1, 3, 11])
  func takesFirst(_ sizes: (rows: Int, width: Int, dimensions: Int), first: Int) throws {
    let engine = try Engine(threads: 2)
    var generator = SeededGenerator(seed: 86)
    let (count, width, d) = sizes
    let basis = Self.orthonormal(count, d, &generator).flatMap { $0.map { Float($0) } }
    let images = try basis.withUnsafeBufferPointer {
      try Alignment.images(
        of: MatrixView($0.baseAddress!, rows: count, columns: d), width: width, first: first,
        engine: engine
      ).array
    }
    let answer = try Oracle.run(
      Self.turned.replacing("p[:, :k]", with: "p[:, :\(width)]")
        .replacing(".T @ p).tobytes", with: ").tobytes"),
      ["\(count)", "\(d)", "\(first)"], input: basis.withUnsafeBytes { Data($0) })
    let expected = answer.output.withUnsafeBytes { Array($0.bindMemory(to: Double.self)) }
    try #require(images.count == expected.count - 1)
    let tolerance = 2e-5 + 2e-6 / (expected.last ?? 1)
    for (one, other) in zip(images, expected) { #expect(abs(Double(one) - other) <= tolerance) }
  }

  @Test(
    "leaves a large store's components orthonormal, and near to the first coordinates",
    .needsPython,
    arguments: [
      Wide(rows: 200, dimensions: 96, target: 40), Wide(rows: 200, dimensions: 96, target: 64),
      Wide(rows: 600, dimensions: 320, target: 208), Wide(rows: 90, dimensions: 96, target: 90),
      Wide(rows: 128, dimensions: 96, target: 96),
    ], levels)
  func alignsLargeStores(_ store: Wide, _ level: ProcessorLevel) throws {
    let engine = try Engine(threads: 2, level: level)
    var generator = SeededGenerator(seed: 84)
    let rows = embeddings(store.rows, store.dimensions, &generator)
    func fit(_ isAligned: Bool) throws -> Projection {
      let fitter = try ProjectionFitter(
        dimensions: store.dimensions, target: store.target, isAligned: isAligned, engine: engine)
      try rows.withUnsafeBufferPointer { try fitter.add(rows: $0, count: store.rows) }
      return try fitter.projection()
    }
    let (plain, aligned) = (try fit(false), try fit(true))
    #expect(plain.alignedDimensions == nil && aligned.alignedDimensions == store.target)
    #expect(plain.energies == aligned.energies)
    let (d, k) = (store.dimensions, store.target)
    var worst = 0.0
    for i in 0..<k {
      for j in 0...i {
        let product = inner(aligned.components.row(i, of: d), aligned.components.row(j, of: d))
        worst = max(worst, abs(product - (i == j ? 1 : 0)))
      }
    }
    #expect(worst <= 1e-5, "\(worst)")
    // The span is the same, so every reduced vector keeps its length.
    let vector = Array(rows.row(0, of: d))
    let one = try plain.reduceQuery(vector)
    let other = try aligned.reduceQuery(vector)
    #expect(abs(inner(one, one) - inner(other, other)) <= 1e-5)
    // Directions with at least a tenth of the first direction's energy are turned first.
    let strong = plain.energies.count { $0 >= 0.1 * plain.energies[0] }
    let first = strong <= 64 && strong < k ? strong : 0
    let answer = try Oracle.run(
      Self.turned, ["\(k)", "\(d)", "\(first)"],
      input: plain.components.withUnsafeBytes { Data($0) })
    let expected = answer.output.withUnsafeBytes { Array($0.bindMemory(to: Double.self)) }
    try #require(expected.count == aligned.components.count + 1)
    var difference = 0.0
    for (one, other) in zip(aligned.components, expected) {
      difference = max(difference, abs(Double(one) - other))
    }
    // A direction at a right angle may have any remaining image, and the reference chooses another
    // one.
    guard let smallest = expected.last, smallest > 1e-5 else { return }
    #expect(difference <= 1e-4 + 2e-6 / smallest, "\(difference), \(smallest)")
  }

  @Test("is found for more equal rows than the target has dimensions", arguments: [12, 20])
  func fitsEqualRows(target: Int) throws {
    let engine = try Engine(threads: 2)
    for number in EigenTests.singleRows {
      let row = (0..<24).map(number)
      let projection = try ProjectionTests.fit(
        Array(repeating: row, count: 60).flatMap { $0 }, 24, target, engine: engine)
      let reduced = try projection.reduceDocument(row)
      #expect(abs(inner(reduced, reduced) / inner(row, row) - 1) <= 1e-5)
    }
  }

  @Test("has a form for every rank and target", arguments: 1...8, 0...8)
  func coversEdges(target: Int, count: Int) throws {
    let engine = try Engine(threads: 1)
    var generator = SeededGenerator(seed: UInt64(85 + target * 10 + count))
    let d = 8
    // Without independent rows, the only row has zeros.
    let rows = count == 0 ? [Float](repeating: 0, count: d) : embeddings(count, d, &generator)
    let projection = try ProjectionTests.fit(rows, d, target, engine: engine)
    #expect(projection.isExact == (max(1, count) < target))
    let reduced = try ProjectionTests.transform(rows, projection, engine)
    let matrix = projection.matrix(with: engine)
    for row in 0..<max(1, count) {
      let long = Array(rows.row(row, of: d))
      let alone = try projection.reduceDocument(long)
      for j in 0..<target {
        #expect(abs(alone[j] - reduced.row(row, of: target)[row * target + j]) <= 1e-5)
        let product = inner(matrix.row(j, of: d), long)
        #expect(abs(product - Double(reduced[row * target + j])) <= 1e-5)
      }
    }
    let later = Array(embeddings(1, d, &generator))
    for short in [try projection.reduceQuery(later), try projection.reduceDocument(later)] {
      #expect(short.allSatisfy(\.isFinite) && inner(short, short) <= 1 + 1e-5)
    }
    if projection.queryResidualSlot != nil {
      let query = try projection.reduceQuery(later)
      #expect(abs(inner(query, query) - 1) <= 1e-5)
    }
    let zeros = [Float](repeating: 0, count: d)
    #expect(try projection.reduceQuery(zeros) == [Float](repeating: 0, count: target))
  }
}
