/// A way of storing vectors that are too long for an index.
public enum StorageMethod: String, Sendable, CaseIterable {
  /// Vectors reduced by a projection.
  case projected
  /// Vectors shortened to their first numbers and scaled to length one.
  case truncated
  /// Unreduced vectors, compared in half precision.
  case halfPrecision
  /// Vectors reduced by a projection; the nearest are then compared by their originals in half
  /// precision.
  case reranked
}

/// Compares ways of storing vectors by how many of each query's true neighbours they find.
///
/// Rows are added in batches, as in a `FidelityProbe`.
public final class StorageTrial {
  private let projection: Projection
  private let truncation: Projection
  private let engine: Engine
  private let queryCount: Int
  private let exact: ExactScan
  private let reduced: ExactScan
  private let cut: ExactScan
  private let half: ExactScan
  private let excluded: [Int?]
  private var candidates: [[Candidate]]

  /// How many of the nearest by reduced vectors are compared again, for ten neighbours.
  public static let candidateCount = 100

  private struct Candidate {
    let reduced: Neighbour
    let half: Float
  }

  /// Creates a trial for queries given as original vectors; `excluding` names the row that each
  /// query is itself.
  public init(
    queries: [[Float]], excluding: [Int?], projection: Projection, neighbours: Int = 10,
    engine: Engine
  ) throws(ProjectionError) {
    let dimensions = projection.inputDimensions
    truncation = try .truncation(from: dimensions, to: projection.outputDimensions)
    self.projection = projection
    self.engine = engine
    queryCount = queries.count
    excluded = excluding
    candidates = Array(repeating: [], count: queries.count)
    func scan(_ rows: [[Float]], _ length: Int) throws(ProjectionError) -> ExactScan {
      try ExactScan(
        queries: rows.flatMap { $0 }, dimensions: length, neighbours: neighbours,
        excluding: excluding, engine: engine)
    }
    exact = try scan(queries, dimensions)
    half = try scan(queries.map { $0.map(Self.rounded) }, dimensions)
    var short: [[Float]] = []
    var first: [[Float]] = []
    for query in queries {
      short.append(try projection.reduceQuery(query))
      first.append(try truncation.reduceQuery(query))
    }
    reduced = try scan(short, projection.outputDimensions)
    cut = try scan(first, projection.outputDimensions)
  }

  /// Compares `count` more rows.
  public func add(rows: UnsafeBufferPointer<Float>, count: Int) throws(ProjectionError) {
    try exact.check(rows, count)
    guard let start = rows.baseAddress else { return }
    let first = exact.rowCount
    exact.keep(exact.scores(of: start, count), count)
    let projected = FloatMemory(count: count * projection.outputDimensions)
    let target = UnsafeMutableBufferPointer(start: projected.start, count: projected.count)
    try truncation.transform(rows: rows, count: count, into: target, with: engine)
    cut.keep(cut.scores(of: projected.start, count), count)
    try projection.transformDocuments(rows: rows, count: count, into: target, with: engine)
    let reducedScores = reduced.scores(of: projected.start, count)
    let rounded = FloatMemory(count: rows.count)
    for index in rows.indices { rounded.start[index] = Self.rounded(rows[index]) }
    let halfScores = half.scores(of: rounded.start, count)
    for query in 0..<queryCount {
      for row in 0..<count where first + row != excluded[query] {
        let place = query * count + row
        let found = Neighbour(row: first + row, score: reducedScores.start[place])
        keep(Candidate(reduced: found, half: halfScores.start[place]), query)
      }
    }
    reduced.keep(reducedScores, count)
    half.keep(halfScores, count)
  }

  /// Computes the mean share of true neighbours that each way finds among the rows so far.
  public func recalls() -> [StorageMethod: Double] {
    let reranked = candidates.map { candidates in
      candidates.map { Neighbour(row: $0.reduced.row, score: $0.half) }
        .sorted { $0.isBetter(than: $1) }.prefix(exact.neighbours).map { $0 }
    }
    return [
      .projected: share(reduced.nearest), .truncated: share(cut.nearest),
      .halfPrecision: share(half.nearest), .reranked: share(reranked),
    ]
  }

  private func share(_ answers: [[Neighbour]]) -> Double {
    var found = 0
    var wanted = 0
    for (truth, answer) in zip(exact.nearest, answers) {
      let rows = Set(answer.map(\.row))
      wanted += truth.count
      found += truth.count { rows.contains($0.row) }
    }
    return wanted == 0 ? 1 : Double(found) / Double(wanted)
  }

  private func keep(_ candidate: Candidate, _ query: Int) {
    if candidates[query].count == Self.candidateCount {
      guard let worst = candidates[query].last, candidate.reduced.isBetter(than: worst.reduced)
      else { return }
      candidates[query].removeLast()
    }
    var place = candidates[query].count
    while place > 0, candidate.reduced.isBetter(than: candidates[query][place - 1].reduced) {
      place -= 1
    }
    candidates[query].insert(candidate, at: place)
  }

  private static func rounded(_ number: Float) -> Float { Float(Float16(number)) }
}
