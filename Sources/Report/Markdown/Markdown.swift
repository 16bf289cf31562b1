internal import Messages

/// A piece of a Markdown page, made of literals in the program's code and of values from outside.
///
/// Literals are trusted. Every interpolated string is made harmless, so that no name can begin a
/// link, an element of HTML, or another cell.
struct Markdown: Equatable, Sendable {
  /// The text of the piece.
  private(set) var text: String

  /// Creates an empty piece.
  init() { text = "" }

  /// Appends another piece.
  static func += (left: inout Markdown, right: Markdown) { left.text += right.text }

  /// Returns a value from outside with all characters escaped that Markdown may give a meaning.
  static func escaped(_ value: some StringProtocol) -> String {
    var escaped = ""
    for scalar in sanitised(String(value)).unicodeScalars {
      // A colon or an at sign could make a link of a bare address.
      if "\\`*_{}[]<>()#+!|~$&@:^=".unicodeScalars.contains(scalar) { escaped += "\\" }
      escaped.unicodeScalars.append(scalar)
    }
    return escaped.hasPrefix("-") ? "\\" + escaped : escaped.replacing("www.", with: "www\\.")
  }

  /// Returns a value from outside as a piece of code, between enough backticks.
  static func code(_ value: String) -> Markdown {
    let text = sanitised(value)
    var longest = 0
    var length = 0
    for character in text {
      length = character == "`" ? length + 1 : 0
      longest = max(longest, length)
    }
    let fence = String(repeating: "`", count: longest + 1)
    // A space before and after a backtick is not shown.
    let space = text.hasPrefix("`") || text.hasSuffix("`") ? " " : ""
    var piece = Markdown()
    // A bar ends a cell of a table even between backticks.
    piece.text = fence + space + text.replacing("|", with: "\\|") + space + fence
    return piece
  }
}

extension Markdown: ExpressibleByStringInterpolation {
  /// Creates a piece from a literal, which is trusted.
  init(stringLiteral text: String) { self.text = text }

  /// Creates a piece from a literal with interpolated values.
  init(stringInterpolation: Interpolation) { text = stringInterpolation.text }

  /// Collects the parts of an interpolated literal: texts unchanged, values escaped.
  struct Interpolation: StringInterpolationProtocol {
    fileprivate var text = ""

    /// Starts an empty piece.
    init(literalCapacity: Int, interpolationCount: Int) { text.reserveCapacity(literalCapacity) }

    /// Appends a literal, which is trusted.
    mutating func appendLiteral(_ literal: String) { text += literal }

    /// Appends a value from outside, and escapes it.
    mutating func appendInterpolation(_ value: some StringProtocol) {
      text += Markdown.escaped(value)
    }

    /// Appends another piece unchanged.
    mutating func appendInterpolation(_ other: Markdown) { text += other.text }
  }
}
