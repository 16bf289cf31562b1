/// The sizes of what is read or written at once.
package enum BatchSize {
  /// The documents of a store that are in memory at once.
  package static let documents = 512
}
