/// The quality of searches with reduced vectors: measured on a sample by exact scans of both sides.
public struct Fidelity: Sendable, Equatable {
  /// The mean share of each query's true neighbours that the reduced vectors also find.
  public let recall: Double
  /// How many neighbours were compared.
  public let neighbours: Int
  /// The largest change of any cosine between a query and a row.
  public let largestScoreChange: Double
  /// How many queries were made.
  public let queries: Int

  /// Creates a fidelity from separate measurements.
  public init(recall: Double, neighbours: Int, largestScoreChange: Double, queries: Int) {
    self.recall = recall
    self.neighbours = neighbours
    self.largestScoreChange = largestScoreChange
    self.queries = queries
  }

  /// Chooses positions of `count` of `population` rows, spread evenly: the same in every run.
  public static func sample(of population: Int, count: Int) -> [Int] {
    let taken = min(population, count)
    return (0..<taken).map { $0 * population / taken }
  }

  /// The fidelity without a query, whose two figures are not numbers.
  public static let unmeasured = Fidelity(
    recall: .nan, neighbours: 10, largestScoreChange: .nan, queries: 0)
}

/// Measures a projection's fidelity while rows are read.
///
/// Every query is compared with every row on both sides, so that only the choice of queries is a
/// sample.
public final class FidelityProbe {
  private let original: ExactScan
  private let reduced: ExactScan
  private let queryCount: Int
  private var change: Float = 0

  /// Creates a probe for queries given as original vectors.
  ///
  /// For queries that are rows themselves, `excluding` names the row that must not be found.
  public init(
    queries: [[Float]], excluding: [Int?] = [], projection: Projection, neighbours: Int = 10,
    engine: Engine
  ) throws(ProjectionError) {
    var short: [Float] = []
    for query in queries { short += try projection.reduceQuery(query) }
    queryCount = queries.count
    original = try ExactScan(
      queries: queries.flatMap { $0 }, dimensions: projection.inputDimensions,
      neighbours: neighbours, excluding: excluding, engine: engine)
    reduced = try ExactScan(
      queries: short, dimensions: projection.outputDimensions,
      neighbours: neighbours, excluding: excluding, engine: engine)
  }

  /// Compares `count` more rows, given in their original and their reduced form.
  public func add(
    original rows: UnsafeBufferPointer<Float>, reduced shortRows: UnsafeBufferPointer<Float>,
    count: Int
  ) throws(ProjectionError) {
    try original.check(rows, count)
    try reduced.check(shortRows, count)
    guard let long = rows.baseAddress, let short = shortRows.baseAddress else { return }
    for first in stride(from: 0, to: count, by: ExactScan.block) {
      let taken = min(ExactScan.block, count - first)
      let before = original.scores(of: long + first * original.dimensions, taken)
      let after = reduced.scores(of: short + first * reduced.dimensions, taken)
      for index in 0..<queryCount * taken {
        change = max(change, abs(before.start[index] - after.start[index]))
      }
      original.keep(before, taken)
      reduced.keep(after, taken)
    }
  }

  /// Returns what has been measured so far.
  public func result() -> Fidelity {
    var found = 0
    var wanted = 0
    for (truth, answer) in zip(original.nearest, reduced.nearest) {
      let answered = Set(answer.map(\.row))
      wanted += truth.count
      found += truth.count { answered.contains($0.row) }
    }
    return Fidelity(
      recall: wanted == 0 ? 1 : Double(found) / Double(wanted), neighbours: original.neighbours,
      largestScoreChange: Double(change), queries: queryCount)
  }
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

  /// Returns whether this neighbour is better: a larger score, or with equal scores an earlier row.
  func isBetter(than other: Neighbour) -> Bool {
    score > other.score || (score == other.score && row < other.row)
  }
}
