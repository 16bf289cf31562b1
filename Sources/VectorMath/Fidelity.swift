/// The quality of searches with reduced vectors, measured on a sample of queries by exact scans of
/// the original and the reduced rows.
public struct Fidelity: Sendable, Equatable {
  /// The mean share of each query's true neighbours that the reduced vectors also find, for queries
  /// that the projection has reduced.
  public let recall: Double
  /// The number of neighbours that were compared for each query.
  public let neighbours: Int
  /// The largest change of the cosine between a query and a row.
  public let largestScoreChange: Double
  /// The number of queries that were made.
  public let queries: Int
  /// The recall where each query is only cut to its first numbers, instead of reduced; nil where it
  /// was not measured.
  public var cutRecall: Double?
  /// The recall where a tenth of the documents was added after the fit, for queries similar to the
  /// added documents; nil where it was not measured.
  public var addedRecall: Double?
  /// The recall where the number of documents added after the fit equals the number fitted; nil
  /// where it was not measured.
  public var doubledRecall: Double?

  /// Creates a fidelity from the results of separate measurements.
  public init(
    recall: Double, neighbours: Int, largestScoreChange: Double, queries: Int,
    cutRecall: Double? = nil, addedRecall: Double? = nil, doubledRecall: Double? = nil
  ) {
    self.recall = recall
    self.neighbours = neighbours
    self.largestScoreChange = largestScoreChange
    self.queries = queries
    self.cutRecall = cutRecall
    self.addedRecall = addedRecall
    self.doubledRecall = doubledRecall
  }

  /// Chooses positions of `count` of `population` rows, spread evenly; every run chooses the same.
  public static func sample(of population: Int, count: Int) -> [Int] {
    let taken = min(population, count)
    return (0..<taken).map { $0 * population / taken }
  }

  /// The fidelity before any query was made; recall and change of cosines are NaN.
  public static let unmeasured = Fidelity(
    recall: .nan, neighbours: 10, largestScoreChange: .nan, queries: 0)
}

/// Measures a projection's fidelity while rows are read.
///
/// Every query is compared with every row, in original and in reduced form: only the queries are a
/// sample.
public final class FidelityProbe {
  private let original: ExactScan
  private let reduced: ExactScan
  private let cut: ExactScan
  private let queryCount: Int
  private var change: Float = 0
  private var ranking: OriginalRanking?

  /// Creates a probe for queries given as original vectors.
  ///
  /// - Parameters:
  ///   - excluding: for each query that is a row itself, the row that must not be found.
  ///   - ranksByOriginals: true to measure also the recall where the nearest rows are ranked again
  ///     by their originals in half precision.
  public init(
    queries: [[Float]], excluding: [Int?] = [], projection: Projection, neighbours: Int = 10,
    ranksByOriginals: Bool = false, engine: Engine
  ) throws(ProjectionError) {
    func scan(_ queries: [[Float]], _ length: Int) throws(ProjectionError) -> ExactScan {
      try ExactScan(
        queries: queries.flatMap { $0 }, dimensions: length, neighbours: neighbours,
        excluding: excluding, engine: engine)
    }
    queryCount = queries.count
    let length = projection.outputDimensions
    original = try scan(queries, projection.inputDimensions)
    reduced = try scan([projection.reduceQueries(queries, with: engine)], length)
    cut = try scan(queries.map { Array($0.prefix(length)) }, length)
    if ranksByOriginals {
      ranking = try OriginalRanking(
        queries: queries, excluding: excluding, neighbours: neighbours, engine: engine)
    }
  }

  /// Compares `count` more rows, given in original and in reduced form.
  public func add(
    original rows: UnsafeBufferPointer<Float>, reduced shortRows: UnsafeBufferPointer<Float>,
    count: Int
  ) throws(ProjectionError) {
    try original.check(rows, count)
    try reduced.check(shortRows, count)
    guard let long = rows.baseAddress, let short = shortRows.baseAddress else { return }
    for first in stride(from: 0, to: count, by: ExactScan.block) {
      let taken = min(ExactScan.block, count - first)
      let place = short + first * reduced.dimensions
      let before = original.scores(of: long + first * original.dimensions, taken)
      let after = reduced.scores(of: place, taken)
      var largest = change
      for index in 0..<queryCount * taken {
        largest = max(largest, abs(before.start[index] - after.start[index]))
      }
      change = largest
      original.keep(before, taken)
      reduced.keep(after, taken)
      cut.keep(cut.scores(of: place, taken), taken)
      ranking?.add(long + first * original.dimensions, scores: after, count: taken)
    }
  }

  /// Returns the measurement so far.
  public func result() -> Fidelity {
    Fidelity(
      recall: original.share(foundBy: reduced.nearest), neighbours: original.neighbours,
      largestScoreChange: Double(change), queries: queryCount,
      cutRecall: original.share(foundBy: cut.nearest))
  }

  /// Returns the recall where the nearest rows are ranked by their originals; nil where it was not
  /// measured, or where half precision cannot hold a row.
  public func recallByOriginals() -> Double? {
    guard let ranking, ranking.unfitRow == nil else { return nil }
    return original.share(foundBy: ranking.nearest)
  }

  /// The first row that half precision cannot hold; nil where there is none, or where ranking by
  /// originals is not measured.
  public var unfitRow: UnfitRow? { ranking?.unfitRow }
}

/// A row that a scan found.
public struct Neighbour: Sendable, Equatable {
  /// The row's position in the order in which rows were scanned.
  public let row: Int
  /// The cosine of the row with the query.
  public let score: Float

  /// Creates a neighbour from a row and its score.
  public init(row: Int, score: Float) {
    self.row = row
    self.score = score
  }

  /// Returns true where this neighbour is better: it has a larger score, or the same score and an
  /// earlier row.
  func isBetter(than other: Neighbour) -> Bool {
    score > other.score || (score == other.score && row < other.row)
  }
}

extension ExactScan {
  /// Computes the share of this scan's nearest rows that are also in `answers`, the results of
  /// another search with the same queries.
  func share(foundBy answers: [[Neighbour]]) -> Double {
    var found = 0
    var wanted = 0
    for (truth, answer) in zip(nearest, answers) {
      let rows = Set(answer.map(\.row))
      wanted += truth.count
      found += truth.count { rows.contains($0.row) }
    }
    return wanted == 0 ? 1 : Double(found) / Double(wanted)
  }
}

extension Projection {
  /// Reduces queries all at once; returns their reduced forms one after the other.
  func reduceQueries(_ queries: [[Float]], with engine: Engine) throws(ProjectionError) -> [Float] {
    let rows = FloatMemory(copying: queries.flatMap { $0 })
    let reduced = FloatMemory(count: queries.count * outputDimensions)
    try transformQueries(
      rows: UnsafeBufferPointer(start: rows.start, count: rows.count), count: queries.count,
      into: UnsafeMutableBufferPointer(start: reduced.start, count: reduced.count), with: engine)
    return reduced.array
  }
}
