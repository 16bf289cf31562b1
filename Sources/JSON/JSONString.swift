internal import Glibc

/// Decodes JSON strings.
enum JSONString {
  /// Appends the decoded bytes of a string's content without its quotes; the content must have been
  /// checked before.
  static func append(_ content: UnsafeBufferPointer<UInt8>, to output: inout [UInt8]) {
    // Decoded text is never longer than its escapes: it is copied whole, then shortened in place.
    let start = output.count
    output.append(contentsOf: content)
    let length = output.withUnsafeMutableBufferPointer { output in
      output.baseAddress.map { unescape($0 + start, count: content.count) } ?? 0
    }
    output.removeLast(content.count - length)
  }

  /// Decodes text in place and returns its new length.
  private static func unescape(_ bytes: UnsafeMutablePointer<UInt8>, count: Int) -> Int {
    var taken = 0
    var written = 0
    while taken < count {
      let found = memchr(bytes + taken, Int32(UInt8(ascii: "\\")), count - taken)
      let plain = found.map { $0 - UnsafeMutableRawPointer(bytes + taken) } ?? count - taken
      if written < taken { memmove(bytes + written, bytes + taken, plain) }
      taken += plain
      written += plain
      if taken < count {
        let (scalar, length) = escape(at: bytes + taken, of: count - taken)
        taken += length
        written += write(scalar, to: bytes + written)
      }
    }
    return written
  }

  /// Decodes an escape to a Unicode scalar or to half of a surrogate pair; returns the scalar, and
  /// the length of the escape.
  private static func escape(
    at bytes: UnsafePointer<UInt8>, of left: Int
  ) -> (UInt32, length: Int) {
    switch bytes[1] {
    case UInt8(ascii: "b"): return (0x08, 2)
    case UInt8(ascii: "f"): return (0x0C, 2)
    case UInt8(ascii: "n"): return (0x0A, 2)
    case UInt8(ascii: "r"): return (0x0D, 2)
    case UInt8(ascii: "t"): return (0x09, 2)
    case UInt8(ascii: "u"): break
    default: return (UInt32(bytes[1]), 2)
    }
    let first = hexadecimal(bytes + 2) ?? 0
    guard first & 0xFC00 == 0xD800, left >= 12, isPair(bytes, high: first) else {
      return (first, 6)
    }
    let second = hexadecimal(bytes + 8) ?? 0
    return (0x10000 + (first & 0x3FF) << 10 + (second & 0x3FF), 12)
  }

  /// Writes a scalar as UTF-8 and returns the length, which is at most the length of the scalar's
  /// escape.
  private static func write(_ scalar: UInt32, to bytes: UnsafeMutablePointer<UInt8>) -> Int {
    func trail(_ shift: UInt32) -> UInt8 { UInt8(0x80 | (scalar >> shift & 0x3F)) }
    switch scalar {
    case ..<0x80:
      bytes[0] = UInt8(scalar)
      return 1
    case ..<0x800:
      bytes[0] = UInt8(0xC0 | scalar >> 6)
      bytes[1] = trail(0)
      return 2
    case ..<0x10000:
      bytes[0] = UInt8(0xE0 | scalar >> 12)
      bytes[1] = trail(6)
      bytes[2] = trail(0)
      return 3
    default:
      bytes[0] = UInt8(0xF0 | scalar >> 18)
      bytes[1] = trail(12)
      bytes[2] = trail(6)
      bytes[3] = trail(0)
      return 4
    }
  }
}
