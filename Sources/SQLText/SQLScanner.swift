/// Splits a text into tokens as PostgreSQL's lexer does (`src/backend/parser/scan.l`).
///
/// Quotes, comments and names are scanned exactly. Numbers and operators are scanned coarsely,
/// because only the beginnings and ends of statements must be found.
struct SQLScanner {
  let bytes: [UInt8]
  var offset = 0
  /// False after `SET standard_conforming_strings = off`, which gives plain strings backslash
  /// escapes.
  var hasStandardStrings = true

  init(_ bytes: [UInt8]) { self.bytes = bytes }

  /// Scans the next token; returns nil at the end of the text.
  mutating func next() throws(SyntaxFault) -> SQLToken? {
    while let byte = peek(), Self.isSpace(byte) { offset += 1 }
    guard let byte = peek() else { return nil }
    let start = offset
    let kind = try scan(byte)
    return SQLToken(kind: kind, range: start..<offset)
  }

  private mutating func scan(_ byte: UInt8) throws(SyntaxFault) -> SQLToken.Kind {
    switch byte {
    case UInt8(ascii: "-") where peek(1) == UInt8(ascii: "-"):
      skipLine()
      return .comment
    case UInt8(ascii: "/") where peek(1) == UInt8(ascii: "*"):
      try skipBlockComment()
      return .comment
    case UInt8(ascii: "'"):
      try skipString(hasEscapes: !hasStandardStrings)
      return .string
    case UInt8(ascii: "\""):
      try skipQuotedName()
      return .quotedName
    case UInt8(ascii: "$"): return try scanDollar()
    case UInt8(ascii: "\\"):
      offset += 1
      return .backslash
    case _ where Self.beginsName(byte): return try scanWord()
    case UInt8(ascii: "0")...UInt8(ascii: "9"):
      skipNumber()
      return .number
    default:
      offset += 1
      return .symbol(byte)
    }
  }

  func peek(_ ahead: Int = 0) -> UInt8? {
    offset + ahead < bytes.count ? bytes[offset + ahead] : nil
  }

  func fault(_ problem: String, at start: Int) -> SyntaxFault {
    SyntaxFault(problem: problem, position: SourcePosition(of: start, in: bytes))
  }

  // MARK: Names and numbers

  /// Scans a word, or a constant or name with letters before its quote, such as `E'…'`.
  private mutating func scanWord() throws(SyntaxFault) -> SQLToken.Kind {
    let start = offset
    while let byte = peek(), Self.continuesName(byte) { offset += 1 }
    let length = offset - start
    let letter = bytes[start] | 0x20
    if length == 1, peek() == UInt8(ascii: "'") {
      switch letter {
      case UInt8(ascii: "e"):
        try skipString(hasEscapes: true)
        return .string
      case UInt8(ascii: "b"), UInt8(ascii: "x"):
        try skipString(hasEscapes: false)
        return .string
      case UInt8(ascii: "n"):
        try skipString(hasEscapes: !hasStandardStrings)
        return .string
      default: return .word
      }
    }
    if length == 1, letter == UInt8(ascii: "u"), peek() == UInt8(ascii: "&") {
      if peek(1) == UInt8(ascii: "'") {
        offset += 1
        try skipString(hasEscapes: false)
        return .string
      }
      if peek(1) == UInt8(ascii: "\"") {
        offset += 1
        try skipQuotedName()
        return .quotedName
      }
    }
    return .word
  }

  private mutating func skipNumber() {
    while let byte = peek() {
      let isDigit = (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
      guard isDigit || byte == UInt8(ascii: ".") || byte == UInt8(ascii: "_") else { return }
      offset += 1
    }
  }

  /// Counts the characters that begin in a range of the text's bytes.
  func characters(in range: Range<Int>) -> Int {
    bytes.withUnsafeBufferPointer { bytes in
      var count = 0
      // Continuation bytes (10xxxxxx) do not begin a character.
      for byte in bytes[range] where byte & 0xC0 != 0x80 { count += 1 }
      return count
    }
  }

  static func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || (0x09...0x0D).contains(byte) }

  static func beginsName(_ byte: UInt8) -> Bool {
    let lower = byte | 0x20
    return (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(lower) || byte == UInt8(ascii: "_")
      || byte >= 0x80
  }

  static func continuesName(_ byte: UInt8) -> Bool {
    beginsName(byte) || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
      || byte == UInt8(ascii: "$")
  }
}
