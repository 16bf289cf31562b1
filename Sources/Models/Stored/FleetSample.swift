package import Ledger
internal import Bounds
package import Stores
internal import VectorMath

/// Rows that are spread evenly over the vectors of several stores: they are the same at every run
/// over the same files, and limited in number, so that a fit takes limited time.
///
/// A store whose vectors cannot be read adds no rows; the other stores are sampled nevertheless.
package struct FleetSample: RowSource {
  /// The largest number of rows that are sampled.
  static let size = 20_000

  package let dimensions: Int
  /// The number of rows that are sampled.
  package let count: Int
  /// The number of rows that all the stores have together.
  package let population: Int
  private let members: [Member]
  private let isInterrupted: @Sendable () -> Bool

  private struct Member {
    /// Opens the vectors of a store; they are closed again between two passes.
    let open: () throws -> StoreVectors
    let positions: [Int]
  }

  /// Samples the stores whose vectors have this dimension.
  package init(
    of stores: [FoundStore], dimensions: Int, size: Int = FleetSample.size,
    isInterrupted: @escaping @Sendable () -> Bool
  ) throws(Failure) {
    try self.init(
      of: stores.map { (store) -> () throws -> StoreVectors in { try StoreVectors(of: store) } },
      dimensions: dimensions, size: size, isInterrupted: isInterrupted)
  }

  /// Samples the vectors of one store's documents.
  package init(
    of vectors: StoreVectors, size: Int = FleetSample.size,
    isInterrupted: @escaping @Sendable () -> Bool
  ) throws(Failure) {
    try self.init(
      of: [{ vectors }], dimensions: vectors.dimensions, size: size, isInterrupted: isInterrupted)
  }

  private init(
    of stores: [() throws -> StoreVectors], dimensions: Int, size: Int,
    isInterrupted: @escaping @Sendable () -> Bool
  ) throws(Failure) {
    var counts: [(open: () throws -> StoreVectors, rows: Int)] = []
    for open in stores {
      if isInterrupted() { throw Failure(.interrupted, "interrupted") }
      guard let vectors = try? open(), vectors.dimensions == dimensions else { continue }
      counts.append((open, vectors.count))
    }
    // A store whose reading the operator interrupted must not count as one without vectors.
    if isInterrupted() { throw Failure(.interrupted, "interrupted") }
    let population = counts.map(\.rows).sumSaturated()
    let taken = Fidelity.sample(of: population, count: size)
    var members: [Member] = []
    var first = 0
    var rest = taken[...]
    for (open, rows) in counts {
      let own = rest.prefix { $0 < first + rows }
      rest = rest.dropFirst(own.count)
      if !own.isEmpty { members.append(Member(open: open, positions: own.map { $0 - first })) }
      first += rows
    }
    self.dimensions = dimensions
    self.population = population
    self.members = members
    self.isInterrupted = isInterrupted
    count = taken.count
  }

  package func forEachBatch(_ body: (UnsafeBufferPointer<Float>, Int) throws -> Void) throws {
    for member in members {
      guard let vectors = try? member.open(), vectors.dimensions == dimensions else { continue }
      for start in stride(from: 0, to: member.positions.count, by: BatchSize.documents) {
        if isInterrupted() { throw Failure(.interrupted, "interrupted") }
        let positions = member.positions[start...].prefix(BatchSize.documents)
        guard let rows = try? Self.read(positions, of: vectors) else { break }
        try rows.withUnsafeBufferPointer { try body($0, positions.count) }
      }
    }
    if isInterrupted() { throw Failure(.interrupted, "interrupted") }
  }

  /// Reads the rows at these positions; rows that follow each other are read together.
  private static func read(_ positions: ArraySlice<Int>, of vectors: StoreVectors) throws -> [Float]
  {
    var rows: [Float] = []
    rows.reserveCapacity(positions.count * vectors.dimensions)
    var piece: [Float] = []
    var rest = positions
    while let first = rest.first, let last = rest.last {
      let isRun = last - first == rest.count - 1
      let range = isRun ? first..<last + 1 : first..<first + 1
      guard range.upperBound <= vectors.count else { break }
      try vectors.read(range, into: &piece)
      rows += piece
      rest = rest.dropFirst(range.count)
    }
    return rows
  }
}
