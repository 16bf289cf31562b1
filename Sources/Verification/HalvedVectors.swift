internal import Models
internal import Stores

/// The vectors that a batch of documents has where they were computed from kept originals, which
/// are in half precision.
///
/// The vectors are computed when they are first asked for.
struct HalvedVectors {
  private let batch: DocumentBatch
  private var reducer: Reducer?
  private var reduced: [Float]?

  /// Prepares the vectors of a batch.
  ///
  /// - Parameter reducer: reduces vectors as the store's vectors were reduced; nil where the store
  ///   keeps no originals.
  init(of batch: DocumentBatch, reducer: Reducer?) {
    self.batch = batch
    self.reducer = reducer
  }

  /// Returns the vector of a document of the batch; nil where this vector cannot have been computed
  /// from an original.
  mutating func vector(_ index: Int) throws -> ArraySlice<Float>? {
    if reduced == nil, let rows = halvedRows() {
      reduced = try reducer?.withReduced(rows, count: batch.count) { Array($0) }
    }
    guard let reduced else { return nil }
    let width = reduced.count / batch.count
    return reduced[index * width..<(index + 1) * width]
  }

  /// Returns the unreduced vector of a document of the batch.
  func original(_ index: Int) -> ArraySlice<Float> {
    batch.vectors[index * batch.dimensions..<(index + 1) * batch.dimensions]
  }

  /// Returns the batch's vectors in half precision; nil where half precision cannot hold one of
  /// their numbers.
  private mutating func halvedRows() -> [Float]? {
    guard reducer != nil else { return nil }
    let rows = batch.vectors.map { Float(Float16($0)) }
    guard rows.allSatisfy(\.isFinite) else {
      reducer = nil
      return nil
    }
    return rows
  }
}
