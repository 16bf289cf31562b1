/// The limits of the reader, in addition to JSON's grammar; by default, PostgreSQL's limits.
public struct JSONLimits: Equatable, Sendable {
  /// The deepest nesting of arrays and objects; an entry's own braces are level 1.
  public var depth = 1_000
  /// The longest entry in bytes; `jsonb` holds no object and no string longer than this.
  public var entryBytes = 268_435_455
  /// The largest length of a string in bytes; of an escape, the decoded bytes are counted.
  public var stringBytes = 268_435_455
  /// The largest number of members of one object; with more members, PostgreSQL's parser asks for
  /// too much memory.
  public var members = 8_388_608
  /// The largest number of elements of one array; with more elements, PostgreSQL's parser asks for
  /// too much memory.
  public var elements = 16_777_216
  /// The largest number of digits that a number may have before its decimal point.
  public var integerDigits = 131_072
  /// The largest number of digits that a number may have after its decimal point.
  public var fractionDigits = 16_383
  /// The largest exponent that a number's text may have; only zero can be written with so large an
  /// exponent.
  public var exponent = 1_073_741_822
  /// True where U+0000 and lone surrogates, which PostgreSQL cannot store, are stored as the six
  /// visible characters of their escapes, `\u0000` or `\ud800`.
  public var escapesUnstorable = false

  /// The names of members of entries whose values may be arrays of many numbers: these arrays are
  /// passed over quickly, and their numbers are not looked at.
  public var numberMembers: [String] = []

  /// Creates the default limits.
  public init() {}

  /// The limits, made smaller where an entry could not hold offsets that large.
  var representable: JSONLimits {
    var limits = self
    limits.entryBytes = min(entryBytes, 1 << 31)
    return limits
  }
}
