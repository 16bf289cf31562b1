/// A place in a file, as editors count: the first character is at line 1, column 1.
package struct SourcePosition: Sendable, Hashable, Comparable, CustomStringConvertible {
  /// The number of the line, from 1.
  package let line: Int
  /// The number of the character (Unicode scalar) in its line, from 1.
  package let column: Int

  /// Creates a position in a file.
  package init(line: Int, column: Int) {
    self.line = line
    self.column = column
  }

  /// Finds the position of the byte at `offset` of a text in UTF-8.
  package init(of offset: Int, in bytes: [UInt8]) {
    var line = 1
    var lineStart = 0
    for index in 0..<min(offset, bytes.count) where bytes[index] == UInt8(ascii: "\n") {
      line += 1
      lineStart = index + 1
    }
    // Continuation bytes (10xxxxxx) do not begin a character.
    let column = bytes[lineStart..<min(offset, bytes.count)].lazy.filter { $0 & 0xC0 != 0x80 }.count
    self.init(line: line, column: column + 1)
  }

  /// Returns the position that follows `characters` characters of `text`, which begins at this
  /// position.
  package func advanced(by characters: Int, through text: String) -> SourcePosition {
    var (line, column) = (self.line, self.column)
    for scalar in text.unicodeScalars.prefix(characters) {
      if scalar == "\n" {
        line += 1
        column = 1
      } else {
        column += 1
      }
    }
    return SourcePosition(line: line, column: column)
  }

  /// The position in the form `12:5`.
  package var description: String { "\(line):\(column)" }

  /// Returns true where `left` comes before `right` in the file.
  package static func < (left: SourcePosition, right: SourcePosition) -> Bool {
    (left.line, left.column) < (right.line, right.column)
  }
}

/// The reason why a text is not a sequence of SQL statements, and the place of the fault.
package struct SyntaxFault: Error, Sendable, Equatable {
  /// The fault, and the text to write instead.
  package let problem: String
  /// The position where the fault begins.
  package let position: SourcePosition
}
