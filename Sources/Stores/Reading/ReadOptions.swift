/// The changes that the operator allows while a store is read; by default none.
public struct ReadOptions: Sendable, Hashable {
  /// True to accept entries without text, and to accept different numbers of vectors and entries,
  /// of which only the positions that both files have are read.
  public var allowMismatch: Bool
  /// True to store U+0000, which PostgreSQL cannot store, as the visible text `\u0000`.
  public var escapeNUL: Bool

  /// Creates options; each is off unless given.
  public init(allowMismatch: Bool = false, escapeNUL: Bool = false) {
    self.allowMismatch = allowMismatch
    self.escapeNUL = escapeNUL
  }
}
