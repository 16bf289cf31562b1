/// The styles of text on a terminal with colours.
package enum Style: String, CaseIterable, Sendable {
  /// The style of headings.
  case bold = "1"
  /// The style of less important text.
  case dim = "2"
  /// The style of failures.
  case red = "31"
  /// The style of successes.
  case green = "32"
  /// The style of text that needs attention.
  case yellow = "33"
  /// The style of names.
  case cyan = "36"
}

/// Turns styles into escape sequences; without colours, writes the text alone.
package struct Palette: Equatable, Sendable {
  /// True where escape sequences are written.
  let hasColours: Bool

  /// Creates a palette with or without colours.
  package init(hasColours: Bool) { self.hasColours = hasColours }

  /// A palette without colours.
  package static let plain = Palette(hasColours: false)

  /// A palette with colours.
  package static let coloured = Palette(hasColours: true)

  /// Returns the text of the message, with escape sequences where colours are used.
  package func render(_ message: Message) -> String {
    guard hasColours else { return message.plain }
    return message.spans.map { span in
      guard let style = span.style, !span.text.isEmpty else { return span.text }
      return "\u{1B}[\(style.rawValue)m\(span.text)\u{1B}[0m"
    }.joined()
  }
}
