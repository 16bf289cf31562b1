extension SQLScanner {
  /// Skips the rest of the line, up to the line feed or carriage return at its end.
  mutating func skipLine() {
    while let byte = peek(), byte != UInt8(ascii: "\n"), byte != UInt8(ascii: "\r") { offset += 1 }
  }

  /// Skips a block comment, which may contain other block comments, as in the SQL standard.
  mutating func skipBlockComment() throws(SyntaxFault) {
    let start = offset
    var depth = 0
    repeat {
      guard let byte = peek() else { throw fault("this comment is never closed (*/)", at: start) }
      switch (byte, peek(1)) {
      case (UInt8(ascii: "/"), UInt8(ascii: "*")):
        depth += 1
        offset += 2
      case (UInt8(ascii: "*"), UInt8(ascii: "/")):
        depth -= 1
        offset += 2
      default: offset += 1
      }
    } while depth > 0
  }

  /// Skips a string, from its opening quote; `''` in the string stands for a quote, and so does
  /// `\'` in a string with escapes.
  mutating func skipString(hasEscapes: Bool) throws(SyntaxFault) {
    let start = offset
    repeat {
      offset += 1
      while true {
        guard let byte = peek() else { throw fault("this quote is never closed (')", at: start) }
        offset += 1
        if byte == UInt8(ascii: "\\"), hasEscapes {
          offset += 1
        } else if byte == UInt8(ascii: "'") {
          guard peek() == UInt8(ascii: "'") else { break }
          offset += 1
        }
      }
      // Only a string with escapes must be read together with its continuation on another line.
    } while hasEscapes && skipToContinuation()
  }

  /// Moves to the quote that continues the string on another line; returns false where no such
  /// quote follows.
  ///
  /// Between the string and that quote there may be only white space and `--` comments, with at
  /// least one line break.
  private mutating func skipToContinuation() -> Bool {
    var ahead = offset
    var sawLineBreak = false
    while ahead < bytes.count {
      let byte = bytes[ahead]
      if byte == UInt8(ascii: "\n") || byte == UInt8(ascii: "\r") {
        sawLineBreak = true
        ahead += 1
      } else if Self.isSpace(byte) {
        ahead += 1
      } else if byte == UInt8(ascii: "-"), ahead + 1 < bytes.count,
        bytes[ahead + 1] == UInt8(ascii: "-")
      {
        while ahead < bytes.count, bytes[ahead] != UInt8(ascii: "\n"),
          bytes[ahead] != UInt8(ascii: "\r")
        { ahead += 1 }
      } else {
        guard sawLineBreak, byte == UInt8(ascii: "'") else { return false }
        offset = ahead
        return true
      }
    }
    return false
  }

  /// Skips a quoted name, from its opening quote; `""` in the name stands for a quote.
  mutating func skipQuotedName() throws(SyntaxFault) {
    let start = offset
    offset += 1
    while let byte = peek() {
      offset += 1
      guard byte == UInt8(ascii: "\"") else { continue }
      guard peek() == UInt8(ascii: "\"") else { return }
      offset += 1
    }
    throw fault("this quote is never closed (\")", at: start)
  }

  /// Scans a token that begins with a dollar sign: `$1`, `$$ … $$`, `$tag$ … $tag$`, or the sign
  /// alone.
  mutating func scanDollar() throws(SyntaxFault) -> SQLToken.Kind {
    let start = offset
    var end = start + 1
    if end < bytes.count, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(bytes[end]) {
      while end < bytes.count, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(bytes[end]) {
        end += 1
      }
      offset = end
      return .number
    }
    while end < bytes.count, bytes[end] != UInt8(ascii: "$"), Self.continuesName(bytes[end]) {
      end += 1
    }
    guard end < bytes.count, bytes[end] == UInt8(ascii: "$") else {
      offset = start + 1
      return .symbol(UInt8(ascii: "$"))
    }
    let tag = bytes[start...end]
    offset = end + 1
    while let byte = peek() {
      if byte == UInt8(ascii: "$"), bytes[offset...].starts(with: tag) {
        offset += tag.count
        return .string
      }
      offset += 1
    }
    throw fault(
      "\(String(decoding: tag, as: UTF8.self)) is opened here and never closed", at: start)
  }
}
