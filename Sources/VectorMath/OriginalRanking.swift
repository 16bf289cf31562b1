public import Bounds

/// Ranks rows again that are nearest by their reduced vectors: now by their originals in half
/// precision, as searches do where originals are kept.
struct OriginalRanking {
  private let half: ExactScan
  private let excluded: [Int?]
  private var candidates: [[Candidate]]
  private var rowCount = 0
  /// The first row that half precision cannot hold; nil where there is none.
  private(set) var unfitRow: UnfitRow?

  private struct Candidate {
    let reduced: Neighbour
    let half: Float
  }

  /// The number of rows, nearest by reduced vectors, that are compared again to find ten
  /// neighbours.
  static let candidateCount = 100

  /// Creates a ranking for queries given as original vectors.
  init(
    queries: [[Float]], excluding: [Int?], neighbours: Int, engine: Engine
  ) throws(ProjectionError) {
    excluded = excluding.isEmpty ? Array(repeating: nil, count: queries.count) : excluding
    candidates = Array(repeating: [], count: queries.count)
    half = try ExactScan(
      queries: queries.flatMap { $0.map(Self.rounded) }, dimensions: queries.first?.count ?? 1,
      neighbours: neighbours, excluding: excluding, engine: engine)
  }

  /// The rows that are nearest to each query by half precision alone.
  var nearestByHalves: [[Neighbour]] { half.nearest }

  /// The nearest rows of each query by their originals, from the rows that are nearest by reduced
  /// vectors.
  var nearest: [[Neighbour]] {
    candidates.map { candidates in
      candidates.map { Neighbour(row: $0.reduced.row, score: $0.half) }
        .sorted { $0.isBetter(than: $1) }.prefix(half.neighbours).map { $0 }
    }
  }

  /// Compares `count` more rows; `scores` holds the cosines of their reduced vectors.
  mutating func add(_ rows: UnsafePointer<Float>, scores: FloatMemory, count: Int) {
    let rounded = FloatMemory(count: count * half.dimensions)
    for index in 0..<rounded.count { rounded.start[index] = Self.rounded(rows[index]) }
    for row in 0..<count where unfitRow == nil {
      let numbers = UnsafeBufferPointer(
        start: rows + row * half.dimensions, count: half.dimensions)
      unfitRow = HalfPrecision.fault(of: numbers).map { UnfitRow(row: rowCount + row, fault: $0) }
    }
    let halfScores = half.scores(of: rounded.start, count)
    for query in candidates.indices {
      for row in 0..<count where rowCount + row != excluded[query] {
        let place = query * count + row
        let found = Neighbour(row: rowCount + row, score: scores.start[place])
        keep(Candidate(reduced: found, half: halfScores.start[place]), query)
      }
    }
    half.keep(halfScores, count)
    rowCount += count
  }

  private mutating func keep(_ candidate: Candidate, _ query: Int) {
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

/// A row that half precision cannot hold.
public struct UnfitRow: Sendable, Equatable {
  /// The row's position, from 0.
  public let row: Int
  /// The reason why half precision cannot hold the row.
  public let fault: HalfPrecision.Fault
}

extension UnfitRow: CustomStringConvertible {
  /// The row and its fault in words.
  public var description: String { fault.words(ofRow: row) }
}
