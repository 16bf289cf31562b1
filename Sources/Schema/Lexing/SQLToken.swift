/// One lexical element of SQL: where it stands, and of which kind it is.
struct SQLToken: Sendable, Equatable {
  /// What PostgreSQL's own lexer distinguishes, as far as statements depend on it.
  enum Kind: Sendable, Equatable {
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

  let kind: Kind
  /// The bytes it takes.
  let range: Range<Int>
}

/// A token with its text and how deep in parentheses it stands, as statements keep it.
struct SQLWord: Sendable, Equatable {
  let kind: SQLToken.Kind
  /// Words in capitals; everything else as it is written.
  let text: String
  let depth: Int
  /// How many characters stand before it in its statement.
  let offset: Int

  /// True for the unquoted word, written in any case.
  func isWord(_ word: String) -> Bool { kind == .word && text == word }

  /// True for a name that may be an object's.
  var isName: Bool { kind == .word || kind == .quotedName }

  /// The name as the catalogue has it: unquoted ones in lower case.
  var name: String {
    guard kind == .quotedName else { return text.lowercased() }
    return String(text.dropFirst().dropLast()).replacing("\"\"", with: "\"")
  }
}
