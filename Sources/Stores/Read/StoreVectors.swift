/// The vectors of a store alone, to be read in any order; its texts are not looked at.
public struct StoreVectors {
  private let file: VectorsFile

  /// Opens the store's own file and checks the structure of all of it.
  public init(of store: FoundStore) throws(StoreError) {
    if let refusal = store.refusal { throw refusal }
    file = try VectorsFile(try store.open().openFile(named: StoreFormat.vectorsFile))
  }

  /// How many vectors there are.
  public var count: Int { file.count }
  /// How many numbers each vector has; 0 where there are no vectors.
  public var dimensions: Int { file.dimensions }

  /// Converts the rows of a range, one after the other; NaN and infinity are refused.
  public func read(_ range: Range<Int>, into vectors: inout [Float]) throws(StoreError) {
    try file.read(range, into: &vectors)
  }
}
