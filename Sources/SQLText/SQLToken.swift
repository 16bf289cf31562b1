/// One token of SQL, such as a word, a string or a comment: its place and its kind.
package struct SQLToken: Sendable, Equatable {
  /// The kinds of tokens that must be told apart to find the ends of statements.
  package enum Kind: Sendable, Equatable {
    /// A key word or a name without quotes.
    case word
    /// A name in double quotes; `U&"…"` is one, too.
    case quotedName
    /// A string constant, in any form that PostgreSQL knows.
    case string
    /// A number or a parameter such as `$1`.
    case number
    /// One character of an operator or punctuation mark.
    case symbol(UInt8)
    /// A comment: `-- …` up to the end of its line, or `/* … */`.
    case comment
    /// A backslash outside of quotes, which begins a command of psql.
    case backslash
  }

  package let kind: Kind
  /// The range of the token in the bytes of the text.
  package let range: Range<Int>
}

/// A token of a statement, with its text and the number of open parentheses around it.
package struct SQLWord: Sendable, Equatable {
  package let kind: SQLToken.Kind
  /// The text of the token: words in capitals, everything else as written; empty for a constant of
  /// more than 256 bytes.
  package let text: String
  package let depth: Int
  /// The number of characters in the statement before the token.
  package let offset: Int

  /// Returns true where the token is this word without quotes; `word` is in capitals.
  package func isWord(_ word: String) -> Bool { kind == .word && text == word }

  /// True for a token that may be the name of an object.
  package var isName: Bool { kind == .word || kind == .quotedName }

  /// The name as in the catalogue: without quotes, and in lower case if it had no quotes.
  package var name: String {
    guard kind == .quotedName else { return text.inSmallLetters }
    let isEscaped = !text.hasPrefix("\"")
    let plain = String(text.dropFirst(isEscaped ? 3 : 1).dropLast())
      .replacing("\"\"", with: "\"")
    return isEscaped ? plain.withoutEscapes : plain
  }
}

extension String {
  /// The text with A to Z in place of a to z; PostgreSQL changes the case of no other letters.
  var inCapitals: String {
    String(decoding: utf8.map { (97...122).contains($0) ? $0 - 32 : $0 }, as: UTF8.self)
  }

  /// The text with a to z in place of A to Z, as PostgreSQL reads unquoted names.
  var inSmallLetters: String {
    String(decoding: utf8.map { (65...90).contains($0) ? $0 + 32 : $0 }, as: UTF8.self)
  }

  /// The name in which the escapes of `U&"…"` are replaced: `\0061` and `\+000061` both stand for
  /// `a`.
  fileprivate var withoutEscapes: String {
    replacing(/\\(?:\\|\+([0-9A-Fa-f]{6})|([0-9A-Fa-f]{4}))/) { match in
      guard let digits = match.output.1 ?? match.output.2 else { return "\\" }
      guard let number = UInt32(digits, radix: 16), let scalar = Unicode.Scalar(number) else {
        return String(match.output.0)
      }
      return String(scalar)
    }
  }
}
