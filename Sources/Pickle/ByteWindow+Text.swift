// Text that encodes bytes may be as large as the file, so it is skipped in words of eight bytes.

extension ByteWindow {
  /// Skips UTF-8 text and counts its characters; nil where a character is malformed or above
  /// U+00FF.
  mutating func passText(_ length: Int) throws(PickleError) -> Int? {
    let end = offset + length
    var count = 0
    var word = Latin1Word()
    while offset < end {
      if !word.isOpen { count += passHole(before: end) }
      if offset == end { break }
      try require(1)
      let part = UnsafeRawBufferPointer(rebasing: atHand.prefix(end - offset))
      guard let characters = word.count(part) else {
        try seek(to: end)
        return nil
      }
      count += characters
      try skip(part.count)
    }
    return word.isOpen ? nil : count
  }

  /// Skips text that has been checked before; the text encodes `count` bytes.
  mutating func passEncoded(_ count: Int, _ form: ByteSpan.Form) throws(PickleError) {
    if form == .raw { return try skip(count) }
    var left = count
    while left > 0 {
      left -= passHole(before: min(size, offset + left))
      if left > 0 { left -= try passAtHand(atMost: left, form) }
    }
  }

  /// Skips at least one character, and as many whole words of the available bytes as possible;
  /// returns the number of skipped characters.
  private mutating func passAtHand(
    atMost limit: Int, _ form: ByteSpan.Form
  ) throws(PickleError) -> Int {
    try require(1)
    var done = 0
    if form == .utf8, let start = atHand.baseAddress {
      let available = atHand.count
      var place = 0
      while place + 8 <= available, done + 8 < limit {
        let word = (start + place).loadUnaligned(as: UInt64.self)
        done += 8 - Latin1Word.continuations(UInt64(littleEndian: word)).nonzeroBitCount
        place += 8
      }
      // The last word may end within a character, whose remaining bytes encode nothing.
      if place > 0, start.load(fromByteOffset: place - 1, as: UInt8.self) >= 0xC0 { place += 1 }
      try skip(place)
    }
    // The character after the words, or at the end of the window.
    if done < limit {
      _ = try decodedByte(form)
      done += 1
    }
    return done
  }
}

/// Checks eight bytes of UTF-8 at once, for characters up to U+00FF.
private struct Latin1Word {
  /// The value 0x80 where the last byte was the first of a character's two bytes, otherwise 0.
  private var open: UInt64 = 0

  /// True where the bytes so far end within a character.
  var isOpen: Bool { open != 0 }

  /// Counts the characters that begin in `bytes`; nil where a character is malformed or above
  /// U+00FF.
  mutating func count(_ bytes: UnsafeRawBufferPointer) -> Int? {
    guard let start = bytes.baseAddress else { return 0 }
    var count = 0
    var place = 0
    while place + 8 <= bytes.count {
      let word = UInt64(littleEndian: (start + place).loadUnaligned(as: UInt64.self))
      guard let characters = take(word) else { return nil }
      count += characters
      place += 8
    }
    guard place < bytes.count else { return count }
    // The remaining bytes, filled up to a word with bytes that are not counted. A character that is
    // not complete is kept in `open`.
    var word: UInt64 = 0
    let rest = bytes.count - place
    for index in 0..<rest {
      let byte = start.load(fromByteOffset: place + index, as: UInt8.self)
      word |= UInt64(byte) << UInt64(8 * index)
    }
    let last = UInt8(truncatingIfNeeded: word >> UInt64(8 * (rest - 1)))
    let endsOpen = last & 0xFE == 0xC2
    if endsOpen { word |= 0x80 << UInt64(8 * rest) }
    guard let characters = take(word) else { return nil }
    open = endsOpen ? 0x80 : 0
    return count + characters - (8 - rest) + (endsOpen ? 1 : 0)
  }

  private mutating func take(_ word: UInt64) -> Int? {
    let high = word & 0x8080_8080_8080_8080
    if high == 0, open == 0 { return 8 }
    let following = Self.continuations(word)
    let first = Self.zeros((word & 0xFEFE_FEFE_FEFE_FEFE) ^ 0xC2C2_C2C2_C2C2_C2C2)
    let expected = first << 8 | open
    guard following == expected, high == first | following else { return nil }
    open = first >> 56
    return 8 - following.nonzeroBitCount
  }

  /// Returns a word that has 0x80 in the place of each byte that continues a character.
  static func continuations(_ word: UInt64) -> UInt64 {
    zeros((word & 0xC0C0_C0C0_C0C0_C0C0) ^ 0x8080_8080_8080_8080)
  }

  /// Returns a word that has 0x80 in the place of each byte that is zero.
  private static func zeros(_ word: UInt64) -> UInt64 {
    let low: UInt64 = 0x7F7F_7F7F_7F7F_7F7F
    return ~((word & low) &+ low | word | low)
  }
}
