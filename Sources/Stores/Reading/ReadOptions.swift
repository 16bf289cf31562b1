/// What the operator allows while a store is read; by default, nothing that alters it.
public struct ReadOptions: Sendable, Hashable {
  /// Accepts counts that differ, as far as both files reach, and entries without text.
  public var allowMismatch: Bool
  /// Stores U+0000, which PostgreSQL cannot hold, as the visible text `\u0000`.
  public var escapeNUL: Bool

  /// Options; each is off unless named.
  public init(allowMismatch: Bool = false, escapeNUL: Bool = false) {
    self.allowMismatch = allowMismatch
    self.escapeNUL = escapeNUL
  }
}
