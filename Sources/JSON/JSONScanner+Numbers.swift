extension JSONScanner {
  /// Moves past an array of numbers, whose bracket is at `position`, and returns the number of its
  /// elements; only commas are counted, and the numbers are not looked at.
  ///
  /// Returns nil, and moves nowhere, where the array holds anything that begins with a bracket, a
  /// brace or a quote.
  mutating func skipNumbers() throws -> Int? {
    let start = window.position - window.mark
    let (firstLine, firstLineStart) = (line, lineStart)
    window.position += 1
    var commas = 0
    let isEmpty = try nextSignificant() == UInt8(ascii: "]")
    while true {
      let block = NumberBlock(at: window.base + window.position)
      commas += block.commas
      if block.newlines > 0 {
        line += block.newlines
        lineStart = window.offset(of: window.position + block.lastNewline + 1)
      }
      window.position += block.end
      guard block.end < NumberBlock.length else { continue }
      let byte = window.base[window.position]
      if byte == UInt8(ascii: "]") { break }
      if byte == 0, window.position >= window.end {
        if window.isAtEnd { throw error(.endOfText) }
        try refill()
        continue
      }
      window.position = window.mark + start
      (line, lineStart) = (firstLine, firstLineStart)
      return nil
    }
    window.position += 1
    return isEmpty ? 0 : commas + 1
  }
}

/// Sixteen bytes of an array of numbers.
private struct NumberBlock {
  private typealias Bytes = SIMD16<UInt8>

  static let length = 16

  /// The index of the first byte that is a bracket, a brace, a quote, zero or not ASCII; `length`
  /// where there is none.
  let end: Int
  /// The number of commas before `end`.
  let commas: Int
  /// The number of ends of lines before `end`.
  let newlines: Int
  /// The index of the last end of a line before `end`; -1 where there is none.
  let lastNewline: Int

  @inline(__always)
  init(at address: UnsafePointer<UInt8>) {
    let bytes = UnsafeRawPointer(address).loadUnaligned(as: Bytes.self)
    func all(_ byte: UInt8) -> Bytes { Bytes(repeating: byte) }
    let folded = bytes | all(0x20)
    let stops =
      (folded .== all(UInt8(ascii: "{"))) .| (folded .== all(UInt8(ascii: "}")))
      .| (bytes .== all(UInt8(ascii: "\""))) .| (bytes .== all(0)) .| (bytes .>= all(0x80))
    let stop = Self.ones(stops)
    end =
      stop[0] != 0
      ? stop[0].littleEndian.trailingZeroBitCount / 8
      : 8 + stop[1].littleEndian.trailingZeroBitCount / 8
    let comma = Self.ones(bytes .== all(UInt8(ascii: ",")))
    commas = Self.count(Self.before(end, comma))
    let newline = Self.before(end, Self.ones(bytes .== all(0x0A)))
    newlines = Self.count(newline)
    lastNewline =
      newline[1] != 0
      ? 15 - newline[1].leadingZeroBitCount / 8 : 7 - newline[0].leadingZeroBitCount / 8
  }

  /// Returns a byte for each lane: 1 where the lane is set, otherwise 0.
  @inline(__always)
  private static func ones(_ mask: SIMDMask<SIMD16<Int8>>) -> SIMD2<UInt64> {
    let bytes = Bytes.zero.replacing(with: Bytes(repeating: 1), where: mask)
    return unsafeBitCast(bytes, to: SIMD2<UInt64>.self)
  }

  /// Clears the lanes from `end` on.
  @inline(__always)
  private static func before(_ end: Int, _ ones: SIMD2<UInt64>) -> SIMD2<UInt64> {
    // A shift by 64 or more gives zero, so that all lanes of a word stay.
    let low = ones[0].littleEndian & ~(UInt64.max << UInt64(end * 8))
    let high = end <= 8 ? 0 : ones[1].littleEndian & ~(UInt64.max << UInt64(end * 8 - 64))
    return SIMD2(low, high)
  }

  @inline(__always)
  private static func count(_ ones: SIMD2<UInt64>) -> Int {
    ones[0].nonzeroBitCount + ones[1].nonzeroBitCount
  }
}
