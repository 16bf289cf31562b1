/// A value of SQLite's five storage classes, as bound to a parameter or read from a column.
public enum Value: Equatable, Sendable {
  /// SQL NULL.
  case null
  /// A signed integer of up to eight bytes.
  case integer(Int64)
  /// An IEEE double; NaN is stored as NULL, as SQLite has it.
  case real(Double)
  /// Text in UTF-8, which may contain U+0000.
  case text(String)
  /// Bytes.
  case blob([UInt8])

  /// An integer, or NULL where there is none.
  public static func integer(_ value: Int?) -> Value {
    value.map { .integer(Int64($0)) } ?? .null
  }

  /// A text, or NULL where there is none.
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
    /// SQL NULL.
    case null
    /// A signed integer.
    case integer
    /// A double.
    case real
    /// Text.
    case text
    /// Bytes.
    case blob
  }
}

extension Value: ExpressibleByIntegerLiteral, ExpressibleByStringLiteral, ExpressibleByNilLiteral {
  /// An integer literal.
  public init(integerLiteral value: Int64) { self = .integer(value) }
  /// A text literal.
  public init(stringLiteral value: String) { self = .text(value) }
  /// NULL.
  public init(nilLiteral: ()) { self = .null }
}
