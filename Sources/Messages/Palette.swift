/// The styles of text on a terminal with colours.
package enum Style: String, CaseIterable, Sendable {
  /// Headings.
  case bold = "1"
  /// Less important text.
  case dim = "2"
  /// Failures.
  case red = "31"
  /// Success.
  case green = "32"
  /// Text that needs attention.
  case yellow = "33"
  /// Names.
  case cyan = "36"
}

/// Turns styles into escape sequences, or leaves them out.
package struct Palette: Equatable, Sendable {
  /// True where escape sequences are written.
  let hasColours: Bool

  /// Creates a palette with or without colours.
  package init(hasColours: Bool) { self.hasColours = hasColours }

  /// A palette without colours.
  package static let plain = Palette(hasColours: false)

  /// A palette with colours.
  package static let coloured = Palette(hasColours: true)

  /// Renders the message as it is written.
  package func render(_ message: Message) -> String {
    guard hasColours else { return message.plain }
    return message.spans.map { span in
      guard let style = span.style, !span.text.isEmpty else { return span.text }
      return "\u{1B}[\(style.rawValue)m\(span.text)\u{1B}[0m"
    }.joined()
  }
}
