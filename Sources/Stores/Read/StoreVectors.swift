/// The vectors of a store alone, to be read in any order; its texts are not looked at.
public struct StoreVectors {
  private let file: VectorsFile

  /// Opens the store's own file and checks the structure of all of it.
  public init(of store: FoundStore) throws(StoreError) {
    if let refusal = store.refusal { throw refusal }
    let directory = try store.open()
    file = try VectorsFile(
      try directory.openFile(named: StoreFormat.vectorsFile),
      beside: try? directory.openFile(named: StoreFormat.metadataFile))
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
