/// The words in the code of a function or DO block, without comments.
///
/// The contents of strings are split into words as well, because they may be executed.
package struct CodeWords {
  /// A word, or a place where a statement may begin.
  package enum Piece: Equatable {
    /// A key word or name in lower case, or one character.
    case word(String)
    /// The beginning of a string's contents.
    case opening
  }

  package private(set) var pieces: [Piece] = []

  /// Splits a text into its pieces; a text that is not SQL is split into words alone.
  package init(_ text: String) { take(text, depth: 0) }

  /// The set of all words.
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

  /// Returns the text of a string constant, with its backslash escapes unchanged.
  private static func content(of constant: String) -> String {
    if constant.hasPrefix("$"), let end = constant.dropFirst().firstIndex(of: "$") {
      let mark = constant.distance(from: constant.startIndex, to: end) + 1
      return String(constant.dropFirst(mark).dropLast(mark))
    }
    guard let quote = constant.firstIndex(of: "'") else { return constant }
    return String(constant[quote...].dropFirst().dropLast()).replacing("''", with: "'")
  }
}
