internal import Messages
internal import Plots

/// A piece of an HTML page, made of literals in the program's code and of values from outside.
///
/// Literals are trusted. Every interpolated string is made harmless and escaped, for the text of an
/// element as well as for an attribute between double quotes.
package struct HTML: Equatable, Sendable {
  /// The text of the piece.
  package private(set) var text: String

  /// Creates an empty piece.
  init() { text = "" }

  /// Creates a piece from a text of the program itself, which is trusted; a value from outside must
  /// not be given here.
  init(trusted text: String) { self.text = text }

  /// Appends another piece.
  static func += (left: inout HTML, right: HTML) { left.text += right.text }

  /// Joins two pieces.
  static func + (left: HTML, right: HTML) -> HTML { HTML(trusted: left.text + right.text) }

  /// Returns a value from outside with all characters escaped that HTML gives a meaning.
  ///
  /// Control characters and marks that change the direction of text become visible escapes.
  static func escaped(_ value: some StringProtocol) -> String {
    Markup.escaped(sanitised(String(value)))
  }
}

extension HTML: ExpressibleByStringInterpolation {
  /// Creates a piece from a literal, which is trusted.
  package init(stringLiteral text: String) { self.init(trusted: text) }

  /// Creates a piece from a literal with interpolated values.
  package init(stringInterpolation: Interpolation) { text = stringInterpolation.text }

  /// Collects the parts of an interpolated literal: texts unchanged, values escaped.
  package struct Interpolation: StringInterpolationProtocol {
    fileprivate var text = ""

    /// Starts an empty piece.
    package init(literalCapacity: Int, interpolationCount: Int) {
      text.reserveCapacity(literalCapacity + 16 * interpolationCount)
    }

    /// Appends a literal, which is trusted.
    package mutating func appendLiteral(_ literal: String) { text += literal }

    /// Appends a value from outside, and escapes it.
    package mutating func appendInterpolation(_ value: some StringProtocol) {
      text += HTML.escaped(value)
    }

    /// Appends a number.
    package mutating func appendInterpolation(_ number: Int) { text += String(number) }

    /// Appends another piece unchanged.
    package mutating func appendInterpolation(_ other: HTML) { text += other.text }
  }
}

extension Sequence where Element == HTML {
  /// Joins all pieces.
  func joined() -> HTML { reduce(into: HTML()) { $0 += $1 } }
}
