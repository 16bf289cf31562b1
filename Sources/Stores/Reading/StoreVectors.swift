internal import Bounds
public import Files

/// The vectors of a store alone, read in any order; its texts are not read.
public struct StoreVectors {
  private let source: any VectorSource
  /// The opened store of the vectors; nil where only the vectors were opened.
  private let owner: (any OpenedStore)?
  /// The number of vectors.
  public let count: Int

  /// Opens the store's own files and checks the structure of all vectors.
  ///
  /// Vectors without a text are included, because texts are not known here.
  public init(of store: FoundStore) throws(StoreError) {
    if let refusal = store.refusal { throw refusal }
    source = try store.format.source.openVectors(of: store, in: try store.open())
    count = source.count
    owner = nil
  }

  /// Creates the vectors of an opened store's documents; vectors without a document are left out.
  init(of store: any OpenedStore) {
    source = store.vectors
    count = store.documentCount
    owner = store
  }

  /// The number of numbers in each vector; 0 where there are no vectors.
  public var dimensions: Int { source.dimensions }

  /// Replaces `vectors` by those of a range, one after the other; refuses NaN, infinity, and
  /// vectors that pgvector cannot compare.
  public func read(_ range: Range<Int>, into vectors: inout [Float]) throws(StoreError) {
    try source.read(range, into: &vectors)
    try vectors.withUnsafeBufferPointer { numbers throws(StoreError) in
      for (index, row) in range.enumerated() {
        let place = index * dimensions..<(index + 1) * dimensions
        try source.refuseUnfit(UnsafeBufferPointer(rebasing: numbers[place]), row: row)
      }
    }
  }

  /// Lends the vectors in their order, from position `first` to the end, at most `limit` at a time;
  /// refuses an opened store where one of its files has changed meanwhile.
  public func forEachBatch(
    from first: Int = 0, limit: Int,
    _ body: (_ rows: [Float], _ positions: Range<Int>) throws -> Void
  ) throws {
    var rows: [Float] = []
    for start in stride(from: first, to: count, by: limit) {
      let positions = start..<min(start + limit, count)
      try read(positions, into: &rows)
      try body(rows, positions)
    }
    try owner?.checkUnchanged()
  }
}

extension VectorSource {
  /// Refuses a vector whose Euclidean length is too small or too large for pgvector to compare it.
  func refuseUnfit(_ vector: UnsafeBufferPointer<Float>, row: Int) throws(StoreError) {
    guard let length = VectorLength.outside(vector) else { return }
    throw StoreError(
      .length, file: path, place: "row \(row)",
      problem: "the vector's length is \(Float(length)), and pgvector cannot compare vectors "
        + "of lengths \(length < 1 ? "below \(Float(VectorLength.smallest))" : "above \(Float(VectorLength.largest))")",
      remedy: "divide the row's numbers by its length, which changes no cosine; or embed this "
        + "document again, or remove it from the store's files")
  }
}
