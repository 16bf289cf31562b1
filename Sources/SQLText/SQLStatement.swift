/// One statement of a file: the text for the server, and its place.
package struct SQLStatement: Sendable, Equatable {
  /// The text without the final semicolon, including comments inside.
  package let text: String
  /// The position of the first word in the file.
  package let position: SourcePosition
  /// The rows that follow a `COPY … FROM stdin`, without the final `\.`.
  package let copyData: [UInt8]?
  /// The tokens without comments.
  package let words: [SQLWord]
  /// The part of the schema that a `-- migrate:install` line installs; nil for SQL.
  package let part: InstalledPart?

  package init(
    text: String, position: SourcePosition, copyData: [UInt8]?, words: [SQLWord],
    part: InstalledPart? = nil
  ) {
    self.text = text
    self.position = position
    self.copyData = copyData
    self.words = words
    self.part = part
  }

  /// Finds the position in the file of a character of the text, counted from 1 as the server does.
  package func position(ofCharacter number: Int) -> SourcePosition {
    position.advanced(by: max(0, number - 1), through: text)
  }

  /// Returns the beginning of the statement on one line, for lists and messages.
  package func summary(limit: Int = 60) -> String {
    var line = ""
    var isAfterSpace = false
    for character in text {
      if character.isWhitespace {
        isAfterSpace = !line.isEmpty
        continue
      }
      if isAfterSpace { line.append(" ") }
      isAfterSpace = false
      line.append(character)
      // The rest of a long statement is not read.
      if line.utf8.count > limit, line.count > limit { return line.prefix(limit - 1) + "…" }
    }
    return line
  }

  /// Returns whether the statement begins with these words.
  package func begins(with key: String...) -> Bool {
    key.count <= words.count && zip(key, words).allSatisfy { $1.isWord($0) }
  }

  /// Finds the first position of a word outside of parentheses; nil where there is none.
  package func index(of word: String, from start: Int = 0) -> Int? {
    words.indices.dropFirst(start).first { words[$0].depth == 0 && words[$0].isWord(word) }
  }

  /// Returns whether the words follow each other outside of parentheses.
  package func contains(_ key: String...) -> Bool {
    words.indices.contains { start in
      start + key.count <= words.count
        && zip(key, words[start...]).allSatisfy { $1.depth == 0 && $1.isWord($0) }
    }
  }
}
