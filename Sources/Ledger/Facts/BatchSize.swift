/// The sizes of batches that are read or written at once.
package enum BatchSize {
  /// The number of documents of a store that are in memory at once.
  package static let documents = 512
}
