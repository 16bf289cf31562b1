/// What the reader accepts beyond JSON's own grammar; the defaults are what PostgreSQL can store.
public struct JSONLimits: Equatable, Sendable {
  /// The deepest nesting of arrays and objects, an entry's own braces being level 1.
  public var depth = 1_000
  /// The longest entry in bytes; `jsonb` holds no object and no string longer than this.
  public var entryBytes = 268_435_455
  /// The longest string in bytes, escapes counted as they are decoded.
  public var stringBytes = 268_435_455
  /// The most members of one object; from here on PostgreSQL cannot allocate while parsing.
  public var members = 8_388_608
  /// The most digits a number may have before its decimal point.
  public var integerDigits = 131_072
  /// The most digits a number may have after its decimal point.
  public var fractionDigits = 16_383
  /// Stores U+0000, which PostgreSQL cannot hold, as the six visible characters `\u0000`.
  public var escapesNUL = false

  /// The defaults.
  public init() {}
}
