extension StringProtocol {
  /// The number of columns that the text takes on a terminal.
  package var displayWidth: Int { reduce(0) { $0 + $1.displayWidth } }

  /// Cuts the text to `width` columns; the last column is an ellipsis where something was cut.
  package func trimmed(to width: Int) -> String {
    if displayWidth <= width { return String(self) }
    guard width > 0 else { return "" }
    var kept = ""
    var used = 0
    for character in self {
      let next = character.displayWidth
      if used + next > width - 1 { break }
      kept.append(character)
      used += next
    }
    return kept + "…"
  }
}

extension Character {
  /// The number of columns that the character takes: 0, 1 or 2.
  package var displayWidth: Int {
    guard let first = unicodeScalars.first else { return 0 }
    if first.value < 0x7F { return first.value < 0x20 ? 0 : 1 }
    switch first.properties.generalCategory {
    case .nonspacingMark, .enclosingMark, .control, .format: return 0
    default: break
    }
    if isWide(first) || first.properties.isEmojiPresentation { return 2 }
    // A variation selector requests the emoji form of a text symbol.
    return unicodeScalars.contains("\u{FE0F}") ? 2 : 1
  }
}

extension Message {
  /// The number of columns that the message takes on a terminal.
  package var displayWidth: Int { spans.reduce(0) { $0 + $1.text.displayWidth } }

  /// Cuts the message to `width` columns, and keeps its styles.
  package func trimmed(to width: Int) -> Message {
    if displayWidth <= width { return self }
    var kept = Message()
    var left = width
    for span in spans where left > 0 {
      // More text follows or this span is too long: the last column of the span is the ellipsis.
      let text = span.text.displayWidth < left ? span.text : "\(span.text)…".trimmed(to: left)
      kept += Message(trusted: text, span.style)
      left -= span.text.displayWidth
    }
    return kept
  }
}

/// True for East Asian wide and full-width characters, by blocks (Unicode Standard Annex 11).
private func isWide(_ scalar: Unicode.Scalar) -> Bool {
  switch scalar.value {
  case 0x1100...0x115F, 0x2329...0x232A, 0x2E80...0x303E, 0x3041...0x33FF: true
  case 0x3400...0x4DBF, 0x4E00...0x9FFF, 0xA000...0xA4CF, 0xA960...0xA97F: true
  case 0xAC00...0xD7A3, 0xF900...0xFAFF, 0xFE10...0xFE19, 0xFE30...0xFE6F: true
  case 0xFF00...0xFF60, 0xFFE0...0xFFE6, 0x16FE0...0x18DFF, 0x1B000...0x1B2FF: true
  case 0x20000...0x3FFFD: true
  default: false
  }
}
