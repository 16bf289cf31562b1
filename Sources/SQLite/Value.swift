/// A value of SQLite's five storage classes, as bound to a parameter or read from a column.
public enum Value: Equatable, Sendable {
  /// SQL NULL.
  case null
  /// A signed integer of up to eight bytes.
  case integer(Int64)
  /// An IEEE double; SQLite stores NaN as NULL.
  case real(Double)
  /// Text in UTF-8, which may contain U+0000.
  case text(String)
  /// Bytes of any kind.
  case blob([UInt8])

  /// Creates an integer, or NULL for nil.
  public static func integer(_ value: Int?) -> Value {
    value.map { .integer(Int64($0)) } ?? .null
  }

  /// Creates a text, or NULL for nil.
  public static func text(_ value: String?) -> Value {
    value.map { .text($0) } ?? .null
  }

  /// The storage class of this value.
  public var kind: Kind {
    switch self {
    case .null: .null
    case .integer: .integer
    case .real: .real
    case .text: .text
    case .blob: .blob
    }
  }

  /// SQLite's storage classes.
  public enum Kind: String, Sendable {
    /// The class of SQL NULL.
    case null
    /// The class of signed integers.
    case integer
    /// The class of doubles.
    case real
    /// The class of texts.
    case text
    /// The class of bytes of any kind.
    case blob
  }
}

extension Value: ExpressibleByIntegerLiteral, ExpressibleByStringLiteral, ExpressibleByNilLiteral {
  /// Creates an integer.
  public init(integerLiteral value: Int64) { self = .integer(value) }
  /// Creates a text.
  public init(stringLiteral value: String) { self = .text(value) }
  /// Creates NULL.
  public init(nilLiteral: ()) { self = .null }
}
