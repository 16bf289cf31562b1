/// The vectors of a store alone, to be read in any order; its texts are not looked at.
public struct StoreVectors {
  private let source: any VectorSource
  /// The store that they are a part of, where all of it is open.
  private let owner: (any OpenedStore)?
  /// How many vectors there are.
  public let count: Int

  /// Opens the store's own files and checks the structure of all vectors.
  ///
  /// Those that no text belongs to are among them, for that is not known here.
  public init(of store: FoundStore) throws(StoreError) {
    if let refusal = store.refusal { throw refusal }
    source = try store.format.source.openVectors(of: store, in: try store.open())
    count = source.count
    owner = nil
  }

  /// The vectors of an opened store's documents; those that are left over are not among them.
  init(of store: any OpenedStore) {
    source = store.vectors
    count = store.documentCount
    owner = store
  }

  /// How many numbers each vector has; 0 where there are no vectors.
  public var dimensions: Int { source.dimensions }

  /// Converts the rows of a range, one after the other; NaN and infinity are refused.
  public func read(_ range: Range<Int>, into vectors: inout [Float]) throws(StoreError) {
    try source.read(range, into: &vectors)
  }

  /// Lends all rows from the first to the last, at most `limit` at a time; refuses an opened store
  /// where one of its files has changed meanwhile.
  public func forEachBatch(
    limit: Int, _ body: (_ rows: [Float], _ positions: Range<Int>) throws -> Void
  ) throws {
    var rows: [Float] = []
    for start in stride(from: 0, to: count, by: limit) {
      let positions = start..<min(start + limit, count)
      try source.read(positions, into: &rows)
      try body(rows, positions)
    }
    try owner?.checkUnchanged()
  }
}
