/// A value of a sequence that is equal to one before it.
package struct RepeatedValue: Sendable, Equatable {
  /// The position of the value.
  package let position: Int
  /// The position of the first value that it is equal to.
  package let first: Int

  /// Creates a repeated value from both positions.
  package init(position: Int, first: Int) {
    self.position = position
    self.first = first
  }
}
