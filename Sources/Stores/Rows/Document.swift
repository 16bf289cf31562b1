public import Digests

/// A row to be written to the database, without its vector.
public struct Document: Sendable, Equatable {
  /// The position of the document in the store, from 0.
  public var position: Int
  /// The identity of the row, the same in every run.
  public var id: UUIDValue
  /// The entry's `id`, nil where the entry has none; for a number, the number's JSON text.
  public var sourceID: String?
  /// True where the entry has an id that no other entry of the files has: with another text, this
  /// would still be the same document.
  public var hasOwnID: Bool
  /// The text; empty only where entries without text are kept.
  public var text: String
  /// The metadata as a JSON object in UTF-8: all members of the entry that no other column stores,
  /// their values unchanged.
  public var metadata: [UInt8]
  /// The time of creation in microseconds since 2000-01-01 00:00 UTC, PostgreSQL's epoch; nil where
  /// the entry has none.
  public var createdAt: Int64?

  /// Creates a document from its parts.
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

/// Consecutive documents with their vectors; the memory is reused for the next documents.
public struct DocumentBatch: Sendable {
  /// The documents, in the store's order.
  public package(set) var documents: [Document] = []
  /// The numbers of all vectors, one vector after the other: the vector of document `i` begins at
  /// `i × dimensions`.
  public package(set) var vectors: [Float] = []
  /// The number of numbers in each vector.
  public package(set) var dimensions = 0

  /// Creates an empty batch.
  public init() {}

  /// The number of documents.
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
