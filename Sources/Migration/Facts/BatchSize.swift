/// How much is taken at a time.
enum BatchSize {
  /// Documents that are read, compared or written at once: what memory holds of a store.
  static let documents = 512
}
