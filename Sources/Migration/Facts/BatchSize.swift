/// The sizes of what is read or written at once.
enum BatchSize {
  /// The documents of a store that are in memory at once.
  static let documents = 512
}
