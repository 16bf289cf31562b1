/// Writes the text of a JSON object or array, value by value, without spaces.
struct MetadataText {
  private(set) var bytes = [UInt8(ascii: "{")]
  private(set) var hasNaN = false
  /// True where a value was infinite, which JSON cannot hold.
  private(set) var hasInfinity = false

  private let end: Unicode.Scalar

  /// Begins an object.
  init() { end = "}" }

  /// Begins an array, whose elements are written one by one.
  init(list: Void) {
    end = "]"
    bytes = [UInt8(ascii: "[")]
  }

  /// Returns the text, with its end.
  func finished() -> [UInt8] { bytes + [UInt8(ascii: end)] }

  /// Begins a member; one value must follow.
  mutating func begin(_ key: String) {
    if bytes.count > 1 { bytes.append(UInt8(ascii: ",")) }
    append(key)
    bytes.append(UInt8(ascii: ":"))
  }

  mutating func append(_ number: Int64) { bytes += "\(number)".utf8 }

  mutating func append(_ flag: Bool) { bytes += flag ? "true".utf8 : "false".utf8 }

  mutating func appendNull() { bytes += "null".utf8 }

  /// Appends the shortest decimal that means exactly this number; NaN becomes null.
  mutating func append(_ number: Double) {
    if number.isNaN {
      hasNaN = true
      return appendNull()
    }
    if number.isInfinite { hasInfinity = true }
    bytes += "\(number)".utf8
  }

  /// Begins the next element of an array; one value must follow.
  mutating func beginElement() {
    if bytes.count > 1 { bytes.append(UInt8(ascii: ",")) }
  }

  /// Appends the text of a value, as it is.
  mutating func append(raw text: some Sequence<UInt8>) { bytes += text }

  /// Appends a complete array or object as a value.
  mutating func append(list: MetadataText) {
    bytes += list.finished()
    hasNaN = hasNaN || list.hasNaN
    hasInfinity = hasInfinity || list.hasInfinity
  }

  /// Returns a string with its quotes.
  static func quoted(_ text: String) -> [UInt8] {
    var writer = MetadataText(list: ())
    writer.append(text)
    return Array(writer.bytes.dropFirst())
  }

  mutating func append(_ text: String) {
    bytes.append(UInt8(ascii: "\""))
    for byte in text.utf8 {
      switch byte {
      case UInt8(ascii: "\""), UInt8(ascii: "\\"):
        bytes.append(UInt8(ascii: "\\"))
        bytes.append(byte)
      case 0..<0x20:
        let digits = String(byte, radix: 16)
        bytes += (byte < 0x10 ? "\\u000" : "\\u00").utf8
        bytes += digits.utf8
      default: bytes.append(byte)
      }
    }
    bytes.append(UInt8(ascii: "\""))
  }
}
