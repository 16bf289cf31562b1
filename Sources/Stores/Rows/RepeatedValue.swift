/// A value of a sequence that is equal to an earlier value.
package struct RepeatedValue: Sendable, Equatable {
  /// The position of the value.
  package let position: Int
  /// The position of the first value that is equal to this value.
  package let first: Int

  /// Creates a repeated value from the two positions.
  package init(position: Int, first: Int) {
    self.position = position
    self.first = first
  }
}
