/// Makes visible the characters that could control a terminal or hide in the text.
///
/// Names of directories and texts of documents come from elsewhere: a line feed could fake a line
/// of the report, an escape sequence could control the terminal, a direction override could show a
/// false name. A second call on the result changes nothing.
package func sanitised(_ text: String) -> String {
  guard text.unicodeScalars.contains(where: isHazardous) else { return text }
  var safe = ""
  for scalar in text.unicodeScalars {
    switch scalar {
    case "\n": safe += "\\n"
    case "\r": safe += "\\r"
    case "\t": safe += "\\t"
    case _ where isHazardous(scalar): safe += "\\u{\(String(scalar.value, radix: 16))}"
    default: safe.unicodeScalars.append(scalar)
    }
  }
  return safe
}

/// True for control characters, line separators, and invisible or direction-changing marks.
///
/// The zero-width joiners stay, because Persian spelling and emoji need them.
private func isHazardous(_ scalar: Unicode.Scalar) -> Bool {
  switch scalar.value {
  case 0x20...0x7E: false
  case 0...0x1F, 0x7F...0x9F: true  // C0, DEL and C1, whose 0x9B opens a control sequence
  case 0xAD, 0x061C, 0x180E, 0x200B, 0x200E, 0x200F, 0xFEFF: true
  case 0x2028...0x202E, 0x2060...0x206F: true
  case 0xFFF0...0xFFFB, 0xE0000...0xE007F: true
  default: false
  }
}
