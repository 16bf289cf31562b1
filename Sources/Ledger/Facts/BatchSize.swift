/// The sizes of batches that are read or written at once.
package enum BatchSize {
  /// How many documents of a store are in memory at once.
  package static let documents = 512
}
