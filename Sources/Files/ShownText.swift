/// Names and values in the form that messages show: on one line, without control characters.
package enum ShownText {
  /// Escapes all characters that would break a line of output or make it look different.
  package static func of(_ text: String) -> String {
    guard text.unicodeScalars.contains(where: mustEscape) else { return text }
    return text.unicodeScalars.reduce(into: "") { shown, scalar in
      if mustEscape(scalar) { shown += escape(scalar) } else { shown.unicodeScalars.append(scalar) }
    }
  }

  /// Returns bytes as UTF-8 text; a byte that is not UTF-8 is shown as `\x` and two digits.
  package static func of(_ bytes: [UInt8]) -> String {
    var shown = ""
    var rest = bytes[...]
    while !rest.isEmpty {
      // A sequence of UTF-8 has one to four bytes.
      let length = (1...4).first { count in
        rest.count >= count && String(validating: rest.prefix(count), as: UTF8.self) != nil
      }
      let piece = rest.prefix(length ?? 1)
      shown += length == nil ? hexadecimal(piece) : of(String(decoding: piece, as: UTF8.self))
      rest = rest.dropFirst(piece.count)
    }
    return shown
  }

  private static func mustEscape(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.properties.generalCategory {
    case .control, .lineSeparator, .paragraphSeparator: true
    // Marks that change the direction of writing can disguise a path.
    default: (0x202A...0x202E).contains(scalar.value) || (0x2066...0x2069).contains(scalar.value)
    }
  }

  private static func escape(_ scalar: Unicode.Scalar) -> String {
    switch scalar {
    case "\n": "\\n"
    case "\r": "\\r"
    case "\t": "\\t"
    default: "\\u{\(String(scalar.value, radix: 16))}"
    }
  }

  private static func hexadecimal(_ bytes: ArraySlice<UInt8>) -> String {
    bytes.map { "\\x" + ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
  }
}
