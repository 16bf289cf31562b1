/// A statement whose values are sent separately from its text.
///
/// String interpolation decides by type: an `Identifier`, `QualifiedName` or `Literal` quotes
/// itself, another `SQL` is inserted, and everything else becomes a binary parameter.
public struct SQL: Sendable, ExpressibleByStringInterpolation, ExpressibleByStringLiteral {
  enum Part: Sendable {
    case text(String)
    case parameter(Parameter)
  }

  private(set) var parts: [Part]

  /// Creates a statement that is written in the source.
  public init(stringLiteral value: String) { parts = [.text(value)] }

  /// Creates a statement with values in it.
  public init(stringInterpolation: StringInterpolation) { parts = stringInterpolation.parts }

  /// Creates a statement from a SQL file, whose text is trusted.
  public init(script: String) { parts = [.text(script)] }

  private init(parts: [Part]) { self.parts = parts }

  /// The text with `$1`, `$2` … in place of the values.
  public var text: String {
    var number = 0
    return parts.reduce(into: "") { text, part in
      switch part {
      case .text(let piece): text += piece
      case .parameter:
        number += 1
        text += "$\(number)"
      }
    }
  }

  /// The values, in the order of `$1`, `$2` and so on.
  var parameters: [Parameter] {
    parts.compactMap { part in
      if case .parameter(let value) = part { value } else { nil }
    }
  }

  /// Joins several pieces with a separator between them.
  public static func joined(_ pieces: [SQL], separator: String) -> SQL {
    var parts: [Part] = []
    for (index, piece) in pieces.enumerated() {
      if index > 0 { parts.append(.text(separator)) }
      parts += piece.parts
    }
    return SQL(parts: parts)
  }

  /// Joins two pieces.
  public static func + (left: SQL, right: SQL) -> SQL { SQL(parts: left.parts + right.parts) }
}

extension SQL {
  /// Collects the pieces of an interpolated statement.
  public struct StringInterpolation: StringInterpolationProtocol {
    var parts: [Part] = []

    /// Starts an empty statement.
    public init(literalCapacity: Int, interpolationCount: Int) {
      parts.reserveCapacity(interpolationCount * 2 + 1)
    }

    /// Appends text that is written in the source.
    public mutating func appendLiteral(_ literal: String) {
      if !literal.isEmpty { parts.append(.text(literal)) }
    }

    /// Appends a quoted name.
    public mutating func appendInterpolation(_ name: Identifier) {
      parts.append(.text(name.quoted))
    }

    /// Appends a quoted name with its schema.
    public mutating func appendInterpolation(_ name: QualifiedName) {
      parts.append(.text(name.quoted))
    }

    /// Appends a quoted constant.
    public mutating func appendInterpolation(_ literal: Literal) {
      parts.append(.text(literal.quoted))
    }

    /// Appends a whole number that must be in the text itself, such as a type's dimension.
    public mutating func appendInterpolation(number: Int) { parts.append(.text(String(number))) }

    /// Appends another piece of SQL with its own values.
    public mutating func appendInterpolation(_ piece: SQL) { parts += piece.parts }

    /// Appends a value, which is sent in binary, separately from the text.
    public mutating func appendInterpolation(_ value: some ParameterConvertible) {
      parts.append(.parameter(value.parameter))
    }

    /// Appends a value or null.
    public mutating func appendInterpolation<Value: ParameterConvertible>(_ value: Value?) {
      parts.append(.parameter(value?.parameter ?? Value.null))
    }
  }
}
