/// A scanned string or key: the range of its bytes between the quotes, relative to the window's
/// mark.
struct ScannedString {
  let start: UInt32
  let end: UInt32
  let hasEscapes: Bool
}

extension JSONScanner {
  /// Skips a string, whose opening quote is at `position`, and checks every byte of it.
  mutating func skipString() throws -> ScannedString {
    let start = window.position + 1 - window.mark
    var hasEscapes = false
    window.position += 1
    while true {
      guard skipText(window.base) else {
        try skipCharacter(start: start)
        continue
      }
      let byte = window.base[window.position]
      if byte == UInt8(ascii: "\"") { break }
      if byte == UInt8(ascii: "\\") {
        hasEscapes = true
        try skipEscape()
      } else if byte == 0, window.position >= window.end, !window.isAtEnd {
        try refillString(start: start, hasEscapes: hasEscapes)
      } else {
        try skipControlCharacter(byte)
        hasEscapes = true
      }
    }
    let end = window.position - window.mark
    window.position += 1
    if end - start > limits.stringBytes, !hasEscapes { throw tooLong(start) }
    return ScannedString(start: UInt32(start), end: UInt32(end), hasEscapes: hasEscapes)
  }

  /// Moves to the next `"`, `\` or control character; returns false where a byte that may be no
  /// UTF-8 comes first.
  @inline(__always)
  private mutating func skipText(_ base: UnsafeMutablePointer<UInt8>) -> Bool {
    var index = window.position
    while true {
      let block = TextBlock(at: base + index)
      if block.malformed <= block.special, block.malformed < TextBlock.length {
        window.position = index + block.malformed
        return false
      }
      index += block.special
      if block.special < TextBlock.length {
        window.position = index
        return true
      }
    }
  }

  /// Moves past the character to which a suspicious byte at `position` belongs, or refuses the
  /// byte.
  ///
  /// The rest of the character is read first, because it may not have been in memory.
  private mutating func skipCharacter(start: Int) throws {
    let misplaced = window.position - window.mark
    // A character begins at most three bytes before.
    for _ in 0..<3 where window.position > window.mark + start {
      if window.base[window.position - 1] < 0x80 { break }
      window.position -= 1
      if window.base[window.position] >= 0xC0 { break }
    }
    _ = try ensure(4)
    let bytes = window.base + window.position
    let length = validLength(bytes, lead: bytes[0])
    if length == 0 { throw error(window.position < window.end ? .invalidUTF8 : .endOfText) }
    window.position += length
    if window.position <= window.mark + misplaced {
      throw error(.invalidUTF8, at: window.mark + misplaced)
    }
  }

  /// Returns the length of the UTF-8 character at `bytes`; 0 where the bytes are not well-formed.
  @inline(__always)
  private func validLength(_ bytes: UnsafeMutablePointer<UInt8>, lead: UInt8) -> Int {
    if lead < 0x80 { return 1 }
    if lead < 0xE0 {
      return lead >= 0xC2 && bytes[1] & 0xC0 == 0x80 ? 2 : 0
    }
    let second = bytes[1]
    guard second & 0xC0 == 0x80, bytes[2] & 0xC0 == 0x80 else { return 0 }
    if lead < 0xF0 {
      // No overlong forms, no surrogates.
      if lead == 0xE0 && second < 0xA0 || lead == 0xED && second > 0x9F { return 0 }
      return 3
    }
    guard bytes[3] & 0xC0 == 0x80, lead <= 0xF4 else { return 0 }
    return lead == 0xF0 && second < 0x90 || lead == 0xF4 && second > 0x8F ? 0 : 4
  }

  /// Moves past an escape, whose backslash is at `position`.
  private mutating func skipEscape() throws {
    // Two `\uXXXX` are the longest unit.
    let available = try ensure(12)
    let bytes = window.base + window.position
    switch bytes[1] {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"), UInt8(ascii: "b"),
      UInt8(ascii: "f"), UInt8(ascii: "n"), UInt8(ascii: "r"), UInt8(ascii: "t"):
      window.position += 2
    case UInt8(ascii: "u"):
      guard let unit = hexadecimal(bytes + 2) else {
        throw error(available < 6 ? .endOfText : .invalidEscape)
      }
      if unit == 0 { try noteUnstorable(.nul) }
      if unit & 0xF800 == 0xD800 {
        if isPair(bytes, high: unit) {
          window.position += 6
        } else {
          try noteUnstorable(.loneSurrogate)
        }
      }
      window.position += 6
    default:
      throw error(available < 2 ? .endOfText : .invalidEscape)
    }
  }

  /// Refuses a control character that is not escaped, except U+0000 where
  /// `limits.escapesUnstorable` allows it.
  private mutating func skipControlCharacter(_ byte: UInt8) throws {
    if window.position >= window.end { throw error(.endOfText) }
    guard byte == 0 else { throw error(.controlCharacter(byte)) }
    try noteUnstorable(.nul)
    window.position += 1
  }

  /// Refuses a character that JSON allows and PostgreSQL cannot store; notes its place instead
  /// where it is to be stored as a visible escape.
  private mutating func noteUnstorable(_ reason: JSONError.Reason) throws {
    guard limits.escapesUnstorable else { throw error(reason) }
    unstorable.note(position(at: window.position))
  }

  private mutating func refillString(start: Int, hasEscapes: Bool) throws {
    if window.end - window.mark - start > limits.stringBytes, !hasEscapes { throw tooLong(start) }
    try refill()
  }

  private func tooLong(_ start: Int) -> JSONError {
    error(.stringTooLong(limit: limits.stringBytes), at: window.mark + start - 1)
  }
}

/// Returns true where the escape at `bytes` begins a pair of surrogates; `high` is its value.
@inline(__always)
func isPair(_ bytes: UnsafePointer<UInt8>, high: UInt32) -> Bool {
  guard high < 0xDC00, bytes[6] == UInt8(ascii: "\\"), bytes[7] == UInt8(ascii: "u"),
    let low = hexadecimal(bytes + 8)
  else { return false }
  return low & 0xFC00 == 0xDC00
}

/// Returns the value of four hexadecimal digits; nil where a byte is no such digit.
@inline(__always)
func hexadecimal(_ digits: UnsafePointer<UInt8>) -> UInt32? {
  var value: UInt32 = 0
  for index in 0..<4 {
    let digit: UInt8
    switch digits[index] {
    case UInt8(ascii: "0")...UInt8(ascii: "9"): digit = digits[index] - UInt8(ascii: "0")
    case UInt8(ascii: "a")...UInt8(ascii: "f"): digit = digits[index] - UInt8(ascii: "a") + 10
    case UInt8(ascii: "A")...UInt8(ascii: "F"): digit = digits[index] - UInt8(ascii: "A") + 10
    default: return nil
    }
    value = value << 4 | UInt32(digit)
  }
  return value
}
