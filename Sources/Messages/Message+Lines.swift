extension Message {
  /// Breaks the message into lines of at most `width` columns, at spaces; a longer word stays whole.
  ///
  /// Later lines begin with the spaces that the message begins with, and two more.
  package func lines(width: Int) -> [Message] {
    guard displayWidth > width else { return [self] }
    let characters = spans.flatMap { span in span.text.map { ($0, span.style) } }
    let indent = characters.prefix { $0.0 == " " }.count
    // In a narrow space the text needs all columns.
    let margin = String(repeating: " ", count: indent + 2 < width / 2 ? indent + 2 : 0)
    var lines: [Message] = []
    var line = Message(trusted: String(repeating: " ", count: indent))
    var columns = indent
    var hasWord = false
    for word in characters.dropFirst(indent).split(separator: " ", by: { $0.0 }) {
      let length = word.reduce(0) { $0 + $1.0.displayWidth }
      if hasWord, columns + 1 + length > width {
        lines.append(line)
        line = Message(trusted: margin)
        columns = margin.count
        hasWord = false
      }
      if hasWord {
        line += " "
        columns += 1
      }
      line += Message(word)
      columns += length
      hasWord = true
    }
    return lines + [line]
  }

  /// Creates a message from characters that belong to messages already.
  private init(_ characters: some Sequence<(Character, Style?)>) {
    self.init()
    var text = ""
    var style: Style?
    for (character, next) in characters {
      if next != style, !text.isEmpty {
        self += Message(trusted: text, style)
        text = ""
      }
      style = next
      text.append(character)
    }
    if !text.isEmpty { self += Message(trusted: text, style) }
  }
}

extension Sequence {
  /// Splits the elements where `key` is the separator; two separators in a row leave an empty part.
  fileprivate func split<Key: Equatable>(
    separator: Key, by key: (Element) -> Key
  ) -> [[Element]] {
    var parts: [[Element]] = [[]]
    for element in self {
      if key(element) == separator {
        parts.append([])
      } else {
        parts[parts.count - 1].append(element)
      }
    }
    return parts
  }
}
