/// The words in the code of a function, a DO block or a statement, without comments.
///
/// The contents of strings are split into words as well, because the code may execute them.
package struct CodeWords {
  /// A piece of the code: a word, or the mark that the contents of a string begin.
  package enum Piece: Equatable {
    /// A key word, a name or a number in lower case, a name in quotation marks as written without
    /// the marks, or one other character.
    case word(String)
    /// The place where the contents of a string begin, because a statement may begin there.
    case opening
  }

  package private(set) var pieces: [Piece] = []

  /// Splits a text into pieces; a text that is not SQL becomes a list of words.
  package init(_ text: String) { take(text, depth: 0) }

  /// All different words of the code.
  package var words: Set<String> {
    pieces.reduce(into: []) { words, piece in if case .word(let word) = piece { words.insert(word) }
    }
  }

  private static let deepest = 8

  private mutating func take(_ text: String, depth: Int) {
    var scanner = SQLScanner(Array(text.utf8))
    let before = pieces
    do {
      while let token = try scanner.next() {
        let text = String(decoding: scanner.bytes[token.range], as: UTF8.self)
        switch token.kind {
        case .comment: break
        case .string where depth < Self.deepest:
          pieces.append(.opening)
          take(Self.content(of: text), depth: depth + 1)
        case .quotedName:
          pieces.append(.word(String(text.dropFirst().dropLast()).replacing("\"\"", with: "\"")))
        default: pieces.append(.word(text.lowercased()))
        }
      }
    } catch {
      // The text is a part of a statement, or in another language: each of its words counts.
      pieces = before
      pieces += text.split { !$0.isLetter && !$0.isNumber && $0 != "_" && $0 != ";" }
        .map { .word($0.lowercased()) }
    }
  }

  /// Returns the contents of a string constant; backslash escapes in them are not replaced.
  private static func content(of constant: String) -> String {
    if constant.hasPrefix("$"), let end = constant.dropFirst().firstIndex(of: "$") {
      let mark = constant.distance(from: constant.startIndex, to: end) + 1
      return String(constant.dropFirst(mark).dropLast(mark))
    }
    guard let quote = constant.firstIndex(of: "'") else { return constant }
    return String(constant[quote...].dropFirst().dropLast()).replacing("''", with: "'")
  }
}
