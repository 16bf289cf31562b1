/// Finds the nearest rows by cosine for several queries, by comparison with every row.
///
/// Rows are added in batches; memory holds the queries, one block of scores and the best rows so
/// far. Zero vectors have the cosine 0 with everything.
public final class ExactScan {
  /// The length of the vectors.
  public let dimensions: Int
  /// The number of neighbours that are kept for each query.
  public let neighbours: Int
  /// The number of rows that have been scanned.
  public private(set) var rowCount = 0

  let engine: Engine
  private let queries: FloatMemory
  private let queryCount: Int
  private let excluded: [Int?]
  private var best: [[Neighbour]]

  /// Creates a scan for the given queries, each of `dimensions` numbers.
  ///
  /// For queries that are rows themselves, `excluding` gives, for each query, the row that must not
  /// be found.
  public init(
    queries: [Float], dimensions: Int, neighbours: Int,
    excluding excluded: [Int?] = [], engine: Engine
  ) throws(ProjectionError) {
    guard dimensions > 0, queries.count % dimensions == 0,
      excluded.isEmpty || excluded.count == queries.count / dimensions
    else {
      throw .wrongLength(expected: dimensions, found: queries.count)
    }
    self.dimensions = dimensions
    self.neighbours = neighbours
    self.engine = engine
    queryCount = queries.count / dimensions
    self.excluded = excluded.isEmpty ? Array(repeating: nil, count: queryCount) : excluded
    best = Array(repeating: [], count: queryCount)
    self.queries = FloatMemory(count: queries.count)
    for index in queries.indices { self.queries.start[index] = queries[index] }
    for query in 0..<queryCount {
      let row = self.queries.start + query * dimensions
      let length = engine.kernels.wideDot(row, row, dimensions).squareRoot()
      if length > 0 { engine.kernels.scale(Float(1 / length), row, dimensions) }
    }
  }

  /// Compares `count` more rows with every query.
  public func add(rows: UnsafeBufferPointer<Float>, count: Int) throws(ProjectionError) {
    try check(rows, count)
    guard let start = rows.baseAddress else { return }
    for first in stride(from: 0, to: count, by: ExactScan.block) {
      let taken = min(ExactScan.block, count - first)
      keep(scores(of: start + first * dimensions, taken), taken)
    }
  }

  static let block = 2048

  func check(_ rows: UnsafeBufferPointer<Float>, _ count: Int) throws(ProjectionError) {
    guard rows.count == count * dimensions else {
      throw .wrongLength(expected: count * dimensions, found: rows.count)
    }
  }

  /// The nearest rows of each query, nearest first.
  public var nearest: [[Neighbour]] { best }

  /// Computes the cosine of every query with each of `count` rows; the cosines of a query are one
  /// row of the result.
  func scores(of rows: UnsafePointer<Float>, _ count: Int) -> FloatMemory {
    let scores = FloatMemory(count: queryCount * count)
    engine.multiply(
      MatrixView(queries.start, rows: queryCount, columns: dimensions),
      MatrixView(rows, rows: count, columns: dimensions).transposed,
      into: MatrixTarget(scores.start, rows: queryCount, columns: count), overwrite: true)
    let inverse = FloatMemory(count: count)
    for row in 0..<count {
      let place = rows + row * dimensions
      let length = engine.kernels.wideDot(place, place, dimensions).squareRoot()
      inverse.start[row] = length > 0 ? Float(1 / length) : 0
    }
    for query in 0..<queryCount {
      let line = scores.start + query * count
      for row in 0..<count { line[row] *= inverse.start[row] }
    }
    return scores
  }

  /// Keeps the best of the next `count` rows for each query, by their scores.
  func keep(_ scores: FloatMemory, _ count: Int) {
    for query in 0..<queryCount {
      let line = scores.start + query * count
      let skipped = excluded[query].map { $0 - rowCount } ?? -1
      var worst = worstScore(of: query)
      // Rows come in order: one with the same score as the worst that is kept is no better.
      for row in 0..<count where (line[row] > worst || worst.isNaN) && row != skipped {
        keep(Neighbour(row: rowCount + row, score: line[row]), query)
        worst = worstScore(of: query)
      }
    }
    rowCount += count
  }

  /// The score that a row must exceed to be kept; NaN while a query has fewer rows than are kept.
  private func worstScore(of query: Int) -> Float {
    best[query].count < neighbours ? .nan : best[query].last?.score ?? .nan
  }

  private func keep(_ candidate: Neighbour, _ query: Int) {
    if best[query].count == neighbours {
      guard let worst = best[query].last, candidate.isBetter(than: worst) else { return }
      best[query].removeLast()
    }
    var place = best[query].count
    while place > 0, candidate.isBetter(than: best[query][place - 1]) { place -= 1 }
    best[query].insert(candidate, at: place)
  }
}
