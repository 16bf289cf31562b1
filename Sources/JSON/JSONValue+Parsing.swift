internal import Digests

extension JSONValue {
  /// Reads a JSON text into memory, such as a manifest of this program or a service's answer.
  ///
  /// Returns nil where the text is not valid JSON, is nested more than 16 levels deep, or repeats a
  /// name in one object.
  public init?(parsing text: some Collection<UInt8>) {
    var parser = JSONParser(bytes: Array(text))
    guard let value = parser.document() else { return nil }
    self = value
  }

  /// The member of an object; nil where the value is no object or has no such member.
  public subscript(name: String) -> JSONValue? {
    if case .object(let object) = self { object[name] } else { nil }
  }

  /// The text of a string; nil for another kind of value.
  public var stringValue: String? {
    if case .string(let text) = self { text } else { nil }
  }

  /// The value as a whole number; nil for another kind of value.
  public var intValue: Int? {
    if case .int(let number) = self { number } else { nil }
  }

  /// The value as a double, for a number that may be whole; nil for another kind of value.
  public var doubleValue: Double? {
    switch self {
    case .int(let number): Double(number)
    case .double(let number): number
    default: nil
    }
  }

  /// The elements of an array; nil for another kind of value.
  public var arrayValue: [JSONValue]? {
    if case .array(let elements) = self { elements } else { nil }
  }
}

/// A recursive reader of bytes in memory; any error makes the whole text invalid.
private struct JSONParser {
  let bytes: [UInt8]
  private var index = 0
  private var depth = 0

  init(bytes: [UInt8]) { self.bytes = bytes }

  mutating func document() -> JSONValue? {
    guard let value = value() else { return nil }
    skipSpace()
    return index == bytes.count ? value : nil
  }

  private mutating func value() -> JSONValue? {
    skipSpace()
    guard index < bytes.count else { return nil }
    switch bytes[index] {
    case UInt8(ascii: "{"): return nested { $0.object() }
    case UInt8(ascii: "["): return nested { $0.array() }
    case UInt8(ascii: "\""): return string().map(JSONValue.string)
    case UInt8(ascii: "t"): return word("true", .bool(true))
    case UInt8(ascii: "f"): return word("false", .bool(false))
    case UInt8(ascii: "n"): return word("null", .null)
    default: return number()
    }
  }

  private mutating func nested(_ read: (inout JSONParser) -> JSONValue?) -> JSONValue? {
    guard depth < 16 else { return nil }
    depth += 1
    defer { depth -= 1 }
    index += 1
    return read(&self)
  }

  private mutating func object() -> JSONValue? {
    var object = JSONObject()
    if take("}") { return .object(object) }
    repeat {
      skipSpace()
      guard let name = string(), object[name] == nil, take(":"), let value = value() else {
        return nil
      }
      object[name] = value
    } while take(",")
    return take("}") ? .object(object) : nil
  }

  private mutating func array() -> JSONValue? {
    var elements: [JSONValue] = []
    if take("]") { return .array(elements) }
    repeat {
      guard let value = value() else { return nil }
      elements.append(value)
    } while take(",")
    return take("]") ? .array(elements) : nil
  }

  private mutating func string() -> String? {
    guard index < bytes.count, bytes[index] == UInt8(ascii: "\"") else { return nil }
    let start = index + 1
    var end = start
    while end < bytes.count, bytes[end] != UInt8(ascii: "\"") {
      if bytes[end] < 0x20 { return nil }
      end += bytes[end] == UInt8(ascii: "\\") ? 2 : 1
    }
    guard end < bytes.count else { return nil }
    index = end + 1
    guard isEscapedWell(bytes[start..<end]) else { return nil }
    var content: [UInt8] = []
    bytes.withUnsafeBufferPointer {
      JSONString.append(UnsafeBufferPointer(rebasing: $0[start..<end]), to: &content)
    }
    return String(validating: content, as: UTF8.self)
  }

  /// Returns true where every backslash begins an escape of RFC 8259, and surrogates come in pairs.
  private func isEscapedWell(_ content: ArraySlice<UInt8>) -> Bool {
    var rest = content
    while let slash = rest.firstIndex(of: UInt8(ascii: "\\")) {
      rest = rest[(slash + 1)...]
      guard let kind = rest.popFirst() else { return false }
      if kind == UInt8(ascii: "u") {
        guard let unit = Self.unit(&rest) else { return false }
        if unit & 0xF800 != 0xD800 { continue }
        guard unit & 0xFC00 == 0xD800, rest.starts(with: "\\u".utf8) else { return false }
        rest = rest.dropFirst(2)
        guard let second = Self.unit(&rest), second & 0xFC00 == 0xDC00 else { return false }
      } else if !"\"\\/bfnrt".utf8.contains(kind) {
        return false
      }
    }
    return true
  }

  /// Reads the next four hexadecimal digits as a UTF-16 code unit.
  private static func unit(_ rest: inout ArraySlice<UInt8>) -> UInt16? {
    guard rest.count >= 4, let bytes = Hexadecimal.decode(rest.prefix(4)) else { return nil }
    rest = rest.dropFirst(4)
    return UInt16(bytes[0]) << 8 | UInt16(bytes[1])
  }

  private mutating func number() -> JSONValue? {
    let start = index
    while index < bytes.count, Self.isInNumbers(bytes[index]) { index += 1 }
    let isWhole: Bool? = bytes[start..<index].withUnsafeBufferPointer { JSONNumber($0)?.isInteger }
    guard let isWhole else { return nil }
    let text = String(decoding: bytes[start..<index], as: UTF8.self)
    if isWhole, let number = Int(text) { return .int(number) }
    return Double(text).map(JSONValue.double)
  }

  private static func isInNumbers(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "+"),
      UInt8(ascii: "."), UInt8(ascii: "e"), UInt8(ascii: "E"):
      true
    default: false
    }
  }

  private mutating func word(_ word: String, _ value: JSONValue) -> JSONValue? {
    guard bytes[index...].starts(with: word.utf8) else { return nil }
    index += word.utf8.count
    return value
  }

  private mutating func take(_ mark: Unicode.Scalar) -> Bool {
    skipSpace()
    guard index < bytes.count, bytes[index] == UInt8(ascii: mark) else { return false }
    index += 1
    return true
  }

  private mutating func skipSpace() {
    while index < bytes.count, [0x20, 0x0A, 0x0D, 0x09].contains(bytes[index]) { index += 1 }
  }
}
