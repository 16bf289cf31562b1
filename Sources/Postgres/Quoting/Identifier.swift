/// A name in SQL, which its type quotes: `Identifier("od\"d")` is always written as `"od""d"`.
public struct Identifier: Hashable, Sendable, ExpressibleByStringLiteral, CustomStringConvertible {
  /// The name as it is stored in the catalogue.
  public let name: String

  /// Creates a name; the character U+0000, which PostgreSQL does not allow in names, is removed.
  public init(_ name: String) {
    let scalars = name.unicodeScalars
    self.name =
      scalars.contains("\0")
      ? String(String.UnicodeScalarView(scalars.filter { $0 != "\0" })) : name
  }

  /// Creates a name that is written in the source.
  public init(stringLiteral value: String) { self.init(value) }

  /// The quoted form for SQL.
  public var quoted: String { "\"" + name.doubling("\"") + "\"" }

  /// The quoted form of the name, for messages.
  public var description: String { quoted }
}

/// A table's or function's name, with its schema where one was given.
public struct QualifiedName: Hashable, Sendable, CustomStringConvertible {
  /// The schema; nil where the search path decides.
  public let schema: Identifier?
  /// The name inside the schema.
  public let name: Identifier

  /// Creates a name, with or without its schema.
  public init(schema: Identifier? = nil, _ name: Identifier) {
    self.schema = schema
    self.name = name
  }

  /// Reads `name` or `schema.name`; nil when a part is empty or longer than 63 bytes, or there are
  /// more than two parts.
  public init?(parsing text: String) {
    let parts = text.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
    guard parts.allSatisfy({ !$0.isEmpty && $0.utf8.count <= 63 }) else { return nil }
    switch parts.count {
    case 1: self.init(Identifier(parts[0]))
    case 2: self.init(schema: Identifier(parts[0]), Identifier(parts[1]))
    default: return nil
    }
  }

  /// The quoted form for SQL.
  public var quoted: String { (schema.map { $0.quoted + "." } ?? "") + name.quoted }

  /// The name in the form for people, without quotes.
  public var description: String { (schema.map { $0.name + "." } ?? "") + name.name }
}

/// A string constant in SQL, for the few statements (COPY, SET) that take no parameters.
public struct Literal: Hashable, Sendable {
  /// The value of the constant, without quotes.
  public let value: String

  /// Creates a constant for `value`.
  public init(_ value: String) { self.value = value }

  /// The quoted form; an escape string (`E'…'`) where a backslash occurs, so that no server setting
  /// changes its meaning.
  public var quoted: String {
    let doubled = value.doubling("'")
    return value.unicodeScalars.contains("\\")
      ? " E'" + doubled.doubling("\\") + "'" : "'" + doubled + "'"
  }
}

extension String {
  /// Doubles every `mark` in the text.
  ///
  /// Unicode scalars are compared, as the server does: a combining mark after a quote forms one
  /// `Character` with it in Swift, but is still a quote in SQL.
  fileprivate func doubling(_ mark: Unicode.Scalar) -> String {
    guard unicodeScalars.contains(mark) else { return self }
    var doubled = UnicodeScalarView()
    for scalar in unicodeScalars {
      doubled.append(scalar)
      if scalar == mark { doubled.append(scalar) }
    }
    return String(doubled)
  }
}
