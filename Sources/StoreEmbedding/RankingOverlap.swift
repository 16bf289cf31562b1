internal import Ledger
package import Stores
package import VectorMath

/// The share of the ten nearest documents that a store's old vectors and its new vectors have in
/// common, for documents of the store as queries.
///
/// A low share is usual between different models; a share close to that of a random choice shows
/// that the new model does not fit the texts.
package struct RankingOverlap: Sendable, Equatable {
  /// The mean share, from 0 to 1.
  package let share: Double
  /// The share that a random choice would have.
  package let random: Double
  /// The number of documents that were used as queries.
  package let queries: Int
  /// The number of neighbours that were compared for each query.
  package let neighbours: Int

  private static let queryCount = 50

  /// Compares the vectors in a store's files with its new vectors; nil where the store is too small,
  /// or its old vectors cannot be read.
  package init?(
    old: StoreVectors, new: StoreVectors, engine: Engine, isInterrupted: () -> Bool
  ) throws {
    let count = new.count
    let neighbours = min(10, count - 2)
    guard neighbours > 0, old.count >= count, old.dimensions > 0 else { return nil }
    let queries = min(Self.queryCount, count)
    // The queries are spread evenly over the store.
    let positions = (0..<queries).map { $0 * count / queries }
    func nearest(_ vectors: StoreVectors) throws -> [[Neighbour]] {
      var asked: [Float] = []
      var row: [Float] = []
      for position in positions {
        try vectors.read(position..<position + 1, into: &row)
        asked += row
      }
      let scan = try ExactScan(
        queries: asked, dimensions: vectors.dimensions, neighbours: neighbours,
        excluding: positions, engine: engine)
      for start in stride(from: 0, to: count, by: BatchSize.documents) {
        if isInterrupted() { throw Failure(.interrupted, "interrupted") }
        let range = start..<min(start + BatchSize.documents, count)
        try vectors.read(range, into: &row)
        try row.withUnsafeBufferPointer { try scan.add(rows: $0, count: range.count) }
      }
      return scan.nearest
    }
    let before: [[Neighbour]]
    do {
      before = try nearest(old)
    } catch is StoreError {
      return nil
    }
    let common = zip(before, try nearest(new)).reduce(0) { sum, pair in
      sum + Set(pair.0.map(\.row)).intersection(pair.1.map(\.row)).count
    }
    share = Double(common) / Double(queries * neighbours)
    random = Double(neighbours) / Double(count - 1)
    self.queries = queries
    self.neighbours = neighbours
  }
}
