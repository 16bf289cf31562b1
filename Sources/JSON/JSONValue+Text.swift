extension JSONValue {
  /// The document as text, indented by two spaces for each level, without a line feed at the end.
  ///
  /// All control characters are escaped, C1 and DEL as well, so that they cannot control a
  /// terminal. The text follows RFC 8259, and takes time O(size of the document).
  public var text: String {
    var writer = JSONWriter()
    writer.write(self, depth: 0)
    return String(decoding: writer.bytes, as: UTF8.self)
  }

  /// The document as `text` has it, on one line; a verbatim part stays as it is.
  public var line: String {
    var writer = JSONWriter(isOnOneLine: true)
    writer.write(self, depth: 0)
    return String(decoding: writer.bytes, as: UTF8.self)
  }
}

/// Collects the bytes of one document.
private struct JSONWriter {
  var bytes: [UInt8] = []
  /// True where no line feeds are written between the parts.
  var isOnOneLine = false

  mutating func write(_ value: JSONValue, depth: Int) {
    switch value {
    case .object(let object):
      write(object.members, "{", "}", depth: depth) { writer, member in
        writer.write(member.name)
        writer.bytes.append(UInt8(ascii: ":"))
        if !writer.isOnOneLine { writer.bytes.append(UInt8(ascii: " ")) }
        writer.write(member.value, depth: depth + 1)
      }
    case .array(let elements):
      write(elements, "[", "]", depth: depth) { writer, element in
        writer.write(element, depth: depth + 1)
      }
    case .string(let text): write(text)
    case .verbatim(let text): write(verbatim: text)
    case .int(let number): bytes += "\(number)".utf8
    case .double(let number): bytes += number.isFinite ? "\(number)".utf8 : "null".utf8
    case .bool(let flag): bytes += flag ? "true".utf8 : "false".utf8
    case .null: bytes += "null".utf8
    }
  }

  /// Writes elements between brackets, each on a line of its own; without elements, both brackets
  /// are on one line.
  private mutating func write<Element>(
    _ elements: [Element], _ opening: Unicode.Scalar, _ closing: Unicode.Scalar, depth: Int,
    each: (inout JSONWriter, Element) -> Void
  ) {
    bytes.append(UInt8(ascii: opening))
    for (index, element) in elements.enumerated() {
      if index > 0 { bytes.append(UInt8(ascii: ",")) }
      startLine(depth: depth + 1)
      each(&self, element)
    }
    if !elements.isEmpty { startLine(depth: depth) }
    bytes.append(UInt8(ascii: closing))
  }

  /// Writes a document unchanged, except that the characters U+007F to U+009F, which only strings
  /// can contain, are escaped.
  private mutating func write(verbatim text: String) {
    for scalar in text.unicodeScalars {
      if (0x7F...0x9F).contains(scalar.value) {
        let digits = String(scalar.value, radix: 16)
        bytes += "\\u00\(digits)".utf8
      } else {
        bytes += UTF8.encode(scalar) ?? UTF8.encodedReplacementCharacter
      }
    }
  }

  private mutating func startLine(depth: Int) {
    if isOnOneLine { return }
    bytes.append(UInt8(ascii: "\n"))
    bytes += repeatElement(UInt8(ascii: " "), count: 2 * depth)
  }

  private mutating func write(_ text: String) {
    bytes.append(UInt8(ascii: "\""))
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"": bytes += "\\\"".utf8
      case "\\": bytes += "\\\\".utf8
      case "\n": bytes += "\\n".utf8
      case "\r": bytes += "\\r".utf8
      case "\t": bytes += "\\t".utf8
      case "\u{0}"..."\u{1F}", "\u{7F}"..."\u{9F}", "\u{2028}", "\u{2029}": escape(scalar)
      default: bytes += UTF8.encode(scalar) ?? UTF8.encodedReplacementCharacter
      }
    }
    bytes.append(UInt8(ascii: "\""))
  }

  private mutating func escape(_ scalar: Unicode.Scalar) {
    let digits = String(scalar.value, radix: 16)
    bytes += "\\u".utf8
    bytes += repeatElement(UInt8(ascii: "0"), count: 4 - digits.utf8.count)
    bytes += digits.utf8
  }
}
