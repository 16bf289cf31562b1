/// A way of storing vectors that are too long for an index.
public enum StorageMethod: String, Sendable, CaseIterable {
  /// Vectors reduced by a projection.
  case projected
  /// Vectors shortened to their first numbers and scaled to length one.
  case truncated
  /// Unreduced vectors, compared in half precision.
  case halfPrecision
  /// Vectors reduced by a projection; the nearest vectors are then compared by their originals in
  /// half precision.
  case reranked
}

/// Compares ways of storing vectors, by the share of each query's true neighbours that they find.
public final class StorageTrial {
  private let projection: Projection
  private let truncation: Projection
  private let engine: Engine
  private let exact: ExactScan
  private let reduced: ExactScan
  private let cut: ExactScan
  private var ranking: OriginalRanking

  /// Creates a trial for queries given as original vectors.
  ///
  /// For each query that is one of the rows, `excluding` gives that row, which must not be found.
  public init(
    queries: [[Float]], excluding: [Int?], projection: Projection, neighbours: Int = 10,
    engine: Engine
  ) throws(ProjectionError) {
    let dimensions = projection.inputDimensions
    truncation = try .truncation(from: dimensions, to: projection.outputDimensions)
    self.projection = projection
    self.engine = engine
    func scan(_ rows: [[Float]], _ length: Int) throws(ProjectionError) -> ExactScan {
      try ExactScan(
        queries: rows.flatMap { $0 }, dimensions: length, neighbours: neighbours,
        excluding: excluding, engine: engine)
    }
    exact = try scan(queries, dimensions)
    ranking = try OriginalRanking(
      queries: queries, excluding: excluding, neighbours: neighbours, engine: engine)
    let length = projection.outputDimensions
    reduced = try scan([projection.reduceQueries(queries, with: engine)], length)
    cut = try scan(queries.map { Array($0.prefix(length)) }, length)
  }

  /// Compares `count` more rows.
  public func add(rows: UnsafeBufferPointer<Float>, count: Int) throws(ProjectionError) {
    try exact.check(rows, count)
    guard let start = rows.baseAddress else { return }
    exact.keep(exact.scores(of: start, count), count)
    let projected = FloatMemory(count: count * projection.outputDimensions)
    let target = UnsafeMutableBufferPointer(start: projected.start, count: projected.count)
    try truncation.transform(rows: rows, count: count, into: target, with: engine)
    cut.keep(cut.scores(of: projected.start, count), count)
    try projection.transformDocuments(rows: rows, count: count, into: target, with: engine)
    let reducedScores = reduced.scores(of: projected.start, count)
    ranking.add(start, scores: reducedScores, count: count)
    reduced.keep(reducedScores, count)
  }

  /// Computes the mean share of true neighbours that each way of storing finds among the rows so
  /// far.
  public func recalls() -> [StorageMethod: Double] {
    [
      .projected: exact.share(foundBy: reduced.nearest),
      .truncated: exact.share(foundBy: cut.nearest),
      .halfPrecision: exact.share(foundBy: ranking.nearestByHalves),
      .reranked: exact.share(foundBy: ranking.nearest),
    ]
  }
}
