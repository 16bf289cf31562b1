/// One lexical element of SQL: where it stands, and of which kind it is.
package struct SQLToken: Sendable, Equatable {
  /// What PostgreSQL's own lexer distinguishes, as far as statements depend on it.
  package enum Kind: Sendable, Equatable {
    /// A key word or a plain name.
    case word
    /// A name in double quotes, `U&"…"` included.
    case quotedName
    /// A string constant in any of its forms.
    case string
    /// A number or a parameter such as `$1`.
    case number
    /// One character of an operator or of punctuation.
    case symbol(UInt8)
    /// `-- …` up to the end of its line, or `/* … */`.
    case comment
    /// A backslash outside of quotes: a command of psql.
    case backslash
  }

  package let kind: Kind
  /// The bytes it takes.
  package let range: Range<Int>
}

/// A token with its text and how deep in parentheses it stands, as statements keep it.
package struct SQLWord: Sendable, Equatable {
  package let kind: SQLToken.Kind
  /// Words in capitals; everything else as it is written.
  package let text: String
  package let depth: Int
  /// How many characters stand before it in its statement.
  package let offset: Int

  /// True for the unquoted word, written in any case.
  package func isWord(_ word: String) -> Bool { kind == .word && text == word }

  /// True for a name that may be an object's.
  package var isName: Bool { kind == .word || kind == .quotedName }

  /// The name as the catalogue has it: unquoted ones in lower case.
  package var name: String {
    guard kind == .quotedName else { return text.inSmallLetters }
    let isEscaped = !text.hasPrefix("\"")
    let plain = String(text.dropFirst(isEscaped ? 3 : 1).dropLast())
      .replacing("\"\"", with: "\"")
    return isEscaped ? plain.withoutEscapes : plain
  }
}

extension String {
  /// With A to Z in place of a to z: PostgreSQL changes the case of no other letters of a name.
  var inCapitals: String {
    String(decoding: utf8.map { (97...122).contains($0) ? $0 - 32 : $0 }, as: UTF8.self)
  }

  /// With a to z in place of A to Z, as PostgreSQL reads unquoted names.
  var inSmallLetters: String {
    String(decoding: utf8.map { (65...90).contains($0) ? $0 + 32 : $0 }, as: UTF8.self)
  }

  /// What a name of `U&"…"` stands for: `\0061` and `\+000061` are characters by their numbers.
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
