/// The changes that the operator allows while a store is read; by default none.
public struct ReadOptions: Sendable, Hashable {
  /// True to accept entries without text, and to accept more vectors than entries or more entries
  /// than vectors: only positions that have both a vector and an entry are read.
  public var allowMismatch: Bool
  /// True to store U+0000, which PostgreSQL cannot store, as the visible text `\u0000`.
  public var escapeNUL: Bool

  /// Creates options; an option that is not given is off.
  public init(allowMismatch: Bool = false, escapeNUL: Bool = false) {
    self.allowMismatch = allowMismatch
    self.escapeNUL = escapeNUL
  }
}
