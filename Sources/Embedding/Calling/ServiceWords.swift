/// The words of a service in the form for a message: short, on one line, without key or texts.
struct ServiceWords {
  let key: APIKey?
  /// The texts of the request.
  let texts: [String]

  private static let longest = 200
  /// The number of characters of a message that are searched for the key: a service may send megabytes.
  private static let read = 16 * 1024
  /// The number of characters of the masked message that are used: far fewer than `read`, because a key at
  /// the end of what was read may have been cut in two.
  private static let considered = 4 * 1024
  /// The number of bytes in common that count as a quotation.
  private static let quotation = 16

  /// Returns the words for a message, or a note that they are left out.
  func shown(_ words: String) -> String {
    let beginning = String(words.unicodeScalars.prefix(Self.read))
    let masked = String(
      (key?.masked(in: beginning) ?? beginning).unicodeScalars.prefix(Self.considered))
    if quotes(masked) { return "(its message quotes the text and is left out)" }
    let line = masked.unicodeScalars.map { scalar -> Character in
      switch scalar.properties.generalCategory {
      case .control, .lineSeparator, .paragraphSeparator, .format: " "
      default: Character(scalar)
      }
    }
    let words = String(line).split(separator: " ").joined(separator: " ")
    return words.count > Self.longest ? words.prefix(Self.longest) + "…" : words
  }

  /// Returns true where the words contain a part of a text, or the whole of a short text; texts of
  /// less than four bytes are not looked for.
  private func quotes(_ words: String) -> Bool {
    let bytes = Array(words.utf8)
    return texts.contains { text in
      let text = Array(text.utf8)
      guard text.count >= 4 else { return false }
      let length = min(text.count, Self.quotation)
      guard bytes.count >= length else { return false }
      let windows = Set((0...bytes.count - length).map { Array(bytes[$0..<$0 + length]) })
      return (0...text.count - length).contains { start in
        windows.contains(Array(text[start..<start + length]))
      }
    }
  }
}
