/// Sixteen bytes of a string, all checked at once by comparisons.
///
/// Each byte is checked together with the three bytes before it: it must continue a character
/// exactly where one of these requires that (RFC 3629). Overlong forms, surrogates and values above
/// U+10FFFF are recognized by a lead byte and the byte after it.
struct TextBlock {
  private typealias Bytes = SIMD16<UInt8>
  private typealias Mask = SIMDMask<SIMD16<Int8>>

  static let length = 16

  /// The index of the first byte that ends plain text (`"`, `\`, a control character), or `length`.
  let special: Int
  /// The index of the first byte that is not part of well-formed UTF-8, or `length`.
  let malformed: Int

  /// Checks the block at `address`; the four bytes before it must be readable, too.
  @inline(__always)
  init(at address: UnsafeRawPointer) {
    let bytes = address.loadUnaligned(as: Bytes.self)
    let quote = bytes .== Bytes(repeating: UInt8(ascii: "\""))
    let backslash = bytes .== Bytes(repeating: UInt8(ascii: "\\"))
    let control = bytes .< Bytes(repeating: 0x20)
    special = Self.first(quote .| backslash .| control)
    malformed = Self.isASCII(address) ? Self.length : Self.first(Self.misplaced(address, bytes))
  }

  /// Returns true where the block and the four bytes before it contain only ASCII.
  @inline(__always)
  private static func isASCII(_ address: UnsafeRawPointer) -> Bool {
    let low = address.loadUnaligned(as: UInt64.self)
    let high = (address + 8).loadUnaligned(as: UInt64.self)
    let before = (address - 4).loadUnaligned(as: UInt32.self)
    return (low | high | UInt64(before)) & 0x8080_8080_8080_8080 == 0
  }

  @inline(__always)
  private static func misplaced(_ address: UnsafeRawPointer, _ bytes: Bytes) -> Mask {
    let last = (address - 1).loadUnaligned(as: Bytes.self)
    let second = (address - 2).loadUnaligned(as: Bytes.self)
    let third = (address - 3).loadUnaligned(as: Bytes.self)
    func all(_ byte: UInt8) -> Bytes { Bytes(repeating: byte) }
    let demanded = (last .>= all(0xC0)) .| (second .>= all(0xE0)) .| (third .>= all(0xF0))
    let continues = (bytes & all(0xC0)) .== all(0x80)
    let illegal = ((bytes & all(0xFE)) .== all(0xC0)) .| (bytes .>= all(0xF5))
    let overlong =
      ((last .== all(0xE0)) .& (bytes .< all(0xA0)))
      .| ((last .== all(0xF0)) .& (bytes .< all(0x90)))
    let beyond =
      ((last .== all(0xED)) .& (bytes .> all(0x9F)))
      .| ((last .== all(0xF4)) .& (bytes .> all(0x8F)))
    return (demanded .^ continues) .| illegal .| overlong .| beyond
  }

  /// Returns the index of the first lane that is set; `length` where no lane is set.
  @inline(__always)
  private static func first(_ mask: Mask) -> Int {
    // The generic `any` is a call; a mask is sixteen bytes of zeros and ones.
    let words = unsafeBitCast(mask, to: SIMD2<UInt64>.self)
    if words[0] != 0 { return words[0].littleEndian.trailingZeroBitCount / 8 }
    return 8 + words[1].littleEndian.trailingZeroBitCount / 8
  }
}
