public import Digests

/// One row on its way to the database, without its vector.
public struct Document: Sendable, Equatable {
  /// Its index in the store, from 0.
  public var position: Int
  /// The row's identity, the same at every run.
  public var id: UUIDValue
  /// The source's `id`, nil where the entry has none; a number's is its JSON text.
  public var sourceID: String?
  /// No other entry of the files has its `sourceID`: it is the same document whatever its text is.
  public var hasOwnID: Bool
  /// The text; empty only where entries without text are kept.
  public var text: String
  /// A JSON object in UTF-8: all other members, their values verbatim.
  public var metadata: [UInt8]
  /// Microseconds since 2000-01-01 00:00 UTC, PostgreSQL's epoch; nil where the source has none.
  public var createdAt: Int64?

  /// A document from its parts.
  public init(
    position: Int, id: UUIDValue, sourceID: String?, hasOwnID: Bool, text: String,
    metadata: [UInt8], createdAt: Int64?
  ) {
    self.position = position
    self.id = id
    self.sourceID = sourceID
    self.hasOwnID = hasOwnID
    self.text = text
    self.metadata = metadata
    self.createdAt = createdAt
  }
}

/// Consecutive documents with their vectors; reused from one batch to the next.
public struct DocumentBatch: Sendable {
  /// The documents, in the store's order.
  public package(set) var documents: [Document] = []
  /// The vectors, row after row: that of document `i` begins at `i × dimensions`.
  public package(set) var vectors: [Float] = []
  /// How many numbers each vector has.
  public package(set) var dimensions = 0

  /// An empty batch.
  public init() {}

  /// How many documents there are.
  public var count: Int { documents.count }

  /// Lends the vector of the document at `index` in this batch.
  public func withVector<Result, Failure: Error>(
    _ index: Int, _ body: (UnsafeBufferPointer<Float>) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    try vectors.withUnsafeBufferPointer { all throws(Failure) -> Result in
      try body(UnsafeBufferPointer(rebasing: all[index * dimensions..<(index + 1) * dimensions]))
    }
  }
}
