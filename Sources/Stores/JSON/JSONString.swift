internal import Glibc

/// The text of a JSON string, without its escapes.
enum JSONString {
  /// Appends the decoded bytes of validated string content, what stands between its quotes.
  static func append(_ content: UnsafeBufferPointer<UInt8>, to output: inout [UInt8]) {
    guard let bytes = content.baseAddress else { return }
    var index = 0
    while index < content.count {
      let rest = content.count - index
      guard let found = memchr(bytes + index, Int32(UInt8(ascii: "\\")), rest) else { break }
      let escape = UnsafeRawPointer(found) - UnsafeRawPointer(bytes)
      output.append(contentsOf: UnsafeBufferPointer(rebasing: content[index..<escape]))
      index = escape + appendEscape(bytes + escape, to: &output)
    }
    output.append(contentsOf: UnsafeBufferPointer(rebasing: content[index...]))
  }

  /// Appends what the escape at `bytes` stands for and returns the escape's length.
  private static func appendEscape(_ bytes: UnsafePointer<UInt8>, to output: inout [UInt8]) -> Int {
    switch bytes[1] {
    case UInt8(ascii: "b"): output.append(0x08)
    case UInt8(ascii: "f"): output.append(0x0C)
    case UInt8(ascii: "n"): output.append(0x0A)
    case UInt8(ascii: "r"): output.append(0x0D)
    case UInt8(ascii: "t"): output.append(0x09)
    case UInt8(ascii: "u"): return appendUnicode(bytes, to: &output)
    default: output.append(bytes[1])
    }
    return 2
  }

  private static func appendUnicode(
    _ bytes: UnsafePointer<UInt8>, to output: inout [UInt8]
  ) -> Int {
    let first = hexadecimal(bytes + 2) ?? 0
    guard first & 0xFC00 == 0xD800 else {
      appendUTF8(first, to: &output)
      return 6
    }
    let second = hexadecimal(bytes + 8) ?? 0
    appendUTF8(0x10000 + (first & 0x3FF) << 10 + (second & 0x3FF), to: &output)
    return 12
  }

  private static func appendUTF8(_ scalar: UInt32, to output: inout [UInt8]) {
    func trail(_ shift: UInt32) -> UInt8 { UInt8(0x80 | (scalar >> shift & 0x3F)) }
    switch scalar {
    case ..<0x80: output.append(UInt8(scalar))
    case ..<0x800: output += [UInt8(0xC0 | scalar >> 6), trail(0)]
    case ..<0x10000: output += [UInt8(0xE0 | scalar >> 12), trail(6), trail(0)]
    default: output += [UInt8(0xF0 | scalar >> 18), trail(12), trail(6), trail(0)]
    }
  }
}
