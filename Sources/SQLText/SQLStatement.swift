/// One statement of a file: its text for the server, and its place in the file.
package struct SQLStatement: Sendable, Equatable {
  /// The text without the semicolon at its end, with the comments inside it.
  package let text: String
  /// The position in the file of the statement's first word.
  package let position: SourcePosition
  /// The lines of data that follow a `COPY … FROM stdin`, without the line `\.` at their end.
  package let copyData: [UInt8]?
  /// The tokens of the statement, without comments.
  package let words: [SQLWord]
  /// The part of the database that a `-- migrate:install` line installs; nil for a statement of
  /// SQL.
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

  /// Finds the position, in the file, of a character of the statement, counted from 1 as the server
  /// does.
  package func position(ofCharacter number: Int) -> SourcePosition {
    position.advanced(by: max(0, number - 1), through: text)
  }

  /// Returns the statement's text on one line, shortened to `limit` characters.
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

  /// Returns true where the statement begins with these words.
  package func begins(with key: String...) -> Bool {
    key.count <= words.count && zip(key, words).allSatisfy { $1.isWord($0) }
  }

  /// Finds the first position, from `start` on, of a word that is not in parentheses; nil where
  /// there is none.
  package func index(of word: String, from start: Int = 0) -> Int? {
    words.indices.dropFirst(start).first { words[$0].depth == 0 && words[$0].isWord(word) }
  }

  /// Returns true where these words follow each other, outside of parentheses.
  package func contains(_ key: String...) -> Bool {
    words.indices.contains { start in
      start + key.count <= words.count
        && zip(key, words[start...]).allSatisfy { $1.depth == 0 && $1.isWord($0) }
    }
  }
}
