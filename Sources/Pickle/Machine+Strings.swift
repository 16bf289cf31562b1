extension Machine {
  mutating func string(_ opcode: Opcode) throws(PickleError) {
    let span: ByteSpan
    switch opcode {
    case .string: span = try window.quotedLine()
    case .unicode: span = try window.escapedLine()
    case .binstring: span = try sized(.legacy, Int(try window.integer(Int32.self)))
    case .shortBinstring: span = try sized(.legacy, Int(try window.byte()))
    case .binunicode: span = try sized(.text, Int(try window.integer(UInt32.self)))
    case .shortBinunicode: span = try sized(.text, Int(try window.byte()))
    case .binunicode8: span = try sized(.text, try length())
    case .binbytes: span = try sized(.bytes, Int(try window.integer(UInt32.self)))
    case .shortBinbytes: span = try sized(.bytes, Int(try window.byte()))
    default: span = try sized(.bytes, try length())
    }
    try push(.bytes(span))
  }

  private mutating func length() throws(PickleError) -> Int {
    guard let length = Int(exactly: try window.integer(UInt64.self)) else {
      throw PickleError(.truncated)
    }
    return length
  }

  /// Skips a string of this length and returns its place; checks the length and copies nothing.
  private mutating func sized(
    _ content: ByteSpan.Content, _ length: Int
  ) throws(PickleError) -> ByteSpan {
    guard length >= 0, length <= window.left else { throw PickleError(.truncated) }
    let start = window.offset
    guard content == .text else {
      try window.skip(length)
      return ByteSpan(content: content, form: .raw, start: start, length: length, count: length)
    }
    let count = try window.passText(length)
    return ByteSpan(content: .text, form: .utf8, start: start, length: length, count: count)
  }
}

extension ByteWindow {
  /// Skips a line of protocol 0 text, which is Latin-1 with `\uXXXX` for other characters.
  mutating func escapedLine() throws(PickleError) -> ByteSpan {
    let start = offset
    var count: Int? = 0
    while true {
      let zeros = passHole(before: size)
      count = count.map { $0 + zeros }
      let next = try byte()
      if next == 0x0A { break }
      if next == UInt8(ascii: "\\"), try escapedCharacter() > 0xFF { count = nil }
      count = count.map { $0 + 1 }
    }
    return ByteSpan(
      content: .text, form: .rawUnicodeEscape, start: start, length: offset - 1 - start,
      count: count)
  }

  /// Reads what follows the backslash of an escape in protocol 0 text, and returns the character; a
  /// backslash itself is also written as an escape.
  mutating func escapedCharacter() throws(PickleError) -> UInt32 {
    let digits: Int
    switch try byte() {
    case UInt8(ascii: "u"): digits = 4
    case UInt8(ascii: "U"): digits = 8
    default: throw PickleError(.malformed("text with an unknown escape"))
    }
    var value: UInt32 = 0
    for _ in 0..<digits { value = value << 4 | UInt32(try hexadecimalDigit()) }
    return value
  }

  /// Skips a protocol 0 string: a Python literal in single or double quotes.
  mutating func quotedLine() throws(PickleError) -> ByteSpan {
    let quote = try byte()
    guard quote == UInt8(ascii: "'") || quote == UInt8(ascii: "\"") else {
      throw PickleError(.malformed("a string without quotes"))
    }
    let start = offset
    var count = 0
    while true {
      let next = try byte()
      if next == quote { break }
      guard next >= 0x20, next < 0x7F else {
        throw PickleError(.malformed("a string with a raw control character"))
      }
      if next == UInt8(ascii: "\\") { _ = try escapedByte() }
      count += 1
    }
    let length = offset - 1 - start
    guard try byte() == 0x0A else { throw PickleError(.malformed("bytes after a string")) }
    return ByteSpan(content: .legacy, form: .quoted, start: start, length: length, count: count)
  }

  /// Reads what follows the backslash of an escape, as Python's `repr` writes it, and returns the
  /// byte.
  mutating func escapedByte() throws(PickleError) -> UInt8 {
    switch try byte() {
    case UInt8(ascii: "x"): return try hexadecimalDigit() << 4 | hexadecimalDigit()
    case UInt8(ascii: "n"): return 0x0A
    case UInt8(ascii: "r"): return 0x0D
    case UInt8(ascii: "t"): return 0x09
    case UInt8(ascii: "\\"): return UInt8(ascii: "\\")
    case UInt8(ascii: "'"): return UInt8(ascii: "'")
    case UInt8(ascii: "\""): return UInt8(ascii: "\"")
    default: throw PickleError(.malformed("a string with an unknown escape"))
    }
  }

  private mutating func hexadecimalDigit() throws(PickleError) -> UInt8 {
    switch try byte() {
    case let digit where digit >= 0x30 && digit <= 0x39: return digit - 0x30
    case let digit where digit >= 0x41 && digit <= 0x46: return digit - 0x41 + 10
    case let digit where digit >= 0x61 && digit <= 0x66: return digit - 0x61 + 10
    default: throw PickleError(.malformed("an escape without hexadecimal digits"))
    }
  }
}

extension ByteWindow {
  /// Reads the next byte that encoded text stands for; the text has been checked before.
  mutating func decodedByte(_ form: ByteSpan.Form) throws(PickleError) -> UInt8 {
    let first = try byte()
    switch form {
    case .raw: return first
    case .utf8:
      if first < 0x80 { return first }
      return first << 6 | (try byte()) & 0x3F
    case .rawUnicodeEscape:
      guard first == UInt8(ascii: "\\") else { return first }
      return UInt8(truncatingIfNeeded: try escapedCharacter())
    case .quoted:
      return first == UInt8(ascii: "\\") ? try escapedByte() : first
    }
  }
}
