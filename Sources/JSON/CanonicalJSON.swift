public import Digests

/// Computes a digest that is the same for all texts of one JSON value, and different for different
/// values.
///
/// The order of an object's members, white space and escapes do not matter. Numbers are compared as
/// exact decimals of any length: `1.0`, `1` and `10e-1` are the same, and so are `-0` and `0`. The
/// JSON that was sent to PostgreSQL can thus be compared with the JSON that its `jsonb` returns,
/// without the server's help.
public final class CanonicalJSON {
  private enum Frame {
    /// An array, and the offset from which to look for the next element.
    case array(Int)
    /// An object's remaining members, and the offset of the object's end.
    case object(Range<Int>, end: Int)
  }

  private let hasher: SHA256
  private let limits: JSONLimits
  private var output: [UInt8] = []
  private var open: [Frame] = []

  /// Creates a digester, which reuses its memory for every text.
  public init(limits: JSONLimits = JSONLimits()) throws(CryptoError) {
    hasher = try SHA256()
    self.limits = limits
  }

  /// Computes the digest of the value whose text is `bytes`.
  public func digest(of bytes: [UInt8]) throws -> SHA256.Digest {
    try bytes.withUnsafeBytes { try digest(of: $0) }
  }

  /// Computes the digest of the value whose text is `bytes`.
  public func digest(of bytes: UnsafeRawBufferPointer) throws -> SHA256.Digest {
    // The server may return more bytes than it received: `1e9` is returned in digits.
    var limits = limits
    limits.entryBytes = .max
    var scanner = JSONScanner(copying: bytes, limits: limits)
    try scanner.validateText()
    let text = bytes.bindMemory(to: UInt8.self)
    output.removeAll(keepingCapacity: true)
    open.removeAll(keepingCapacity: true)
    try write(text, JSONOutline(text))
    try hasher.update(output)
    return try hasher.finish()
  }

  // MARK: The canonical form
  //
  // Every value is written as a letter and, where necessary, a length, so that no two values have
  // the same form.

  private func write(_ text: UnsafeBufferPointer<UInt8>, _ outline: JSONOutline) throws {
    begin(JSONOutline.significant(from: 0, in: text), text, outline)
    while let frame = open.last {
      switch frame {
      case .array(let start):
        var index = JSONOutline.significant(from: start, in: text)
        if text[index] == UInt8(ascii: ",") {
          index = JSONOutline.significant(from: index + 1, in: text)
        }
        if text[index] == UInt8(ascii: "]") {
          close(at: index + 1)
        } else {
          begin(index, text, outline)
        }
      case .object(let members, let end):
        guard let first = members.first else {
          close(at: end)
          continue
        }
        open[open.count - 1] = .object(first + 1..<members.upperBound, end: end)
        let member = outline.members[first]
        write(member.key, text)
        begin(Int(member.value), text, outline)
      }
      if output.count >= 64 * 1024 { try flush() }
    }
  }

  private func flush() throws {
    try hasher.update(output)
    output.removeAll(keepingCapacity: true)
  }

  /// Writes a value that is no container, or begins an object or an array.
  private func begin(
    _ index: Int, _ text: UnsafeBufferPointer<UInt8>, _ outline: JSONOutline
  ) {
    switch text[index] {
    case UInt8(ascii: "{"):
      let object = outline.object(at: index)
      output.append(UInt8(ascii: "o"))
      open.append(.object(object.members, end: object.end))
    case UInt8(ascii: "["):
      output.append(UInt8(ascii: "a"))
      open.append(.array(index + 1))
    case UInt8(ascii: "\""):
      let string = JSONOutline.string(at: index, in: text)
      write(string, text)
      passed(Int(string.end) + 1)
    case UInt8(ascii: "t"), UInt8(ascii: "f"), UInt8(ascii: "n"):
      output.append(text[index])
      passed(index + (text[index] == UInt8(ascii: "f") ? 5 : 4))
    default:
      passed(writeNumber(at: index, text))
    }
  }

  private func close(at end: Int) {
    output.append(UInt8(ascii: "e"))
    open.removeLast()
    passed(end)
  }

  /// Makes the enclosing array, if there is one, continue after the element that ended at `end`.
  private func passed(_ end: Int) {
    if case .array = open.last { open[open.count - 1] = .array(end) }
  }

  private func write(_ string: ScannedString, _ text: UnsafeBufferPointer<UInt8>) {
    let content = KeyText(base: text).content(string)
    output.append(UInt8(ascii: "s"))
    let lengthPlace = output.count
    append(0)
    let start = output.count
    if string.hasEscapes {
      JSONString.append(content, to: &output)
    } else {
      output.append(contentsOf: content)
    }
    let length = UInt64(output.count - start)
    withUnsafeBytes(of: length.littleEndian) { bytes in
      output.replaceSubrange(lengthPlace..<start, with: bytes)
    }
  }

  private func writeNumber(at index: Int, _ text: UnsafeBufferPointer<UInt8>) -> Int {
    var end = index
    while end < text.count, text[end] > UInt8(ascii: " "), text[end] != UInt8(ascii: ","),
      text[end] != UInt8(ascii: "]"), text[end] != UInt8(ascii: "}")
    {
      end += 1
    }
    let bytes = UnsafeBufferPointer(rebasing: text[index..<end])
    guard let number = JSONNumber(bytes) else { return end }
    let (digits, exponent) = number.normalised()
    let isNegative = number.isNegative && !digits.isEmpty
    output.append(isNegative ? UInt8(ascii: "-") : UInt8(ascii: "+"))
    append(Int64(exponent))
    for digit in bytes[digits] where digit != UInt8(ascii: ".") { output.append(digit) }
    output.append(UInt8(ascii: "e"))
    return end
  }

  private func append(_ value: Int64) {
    withUnsafeBytes(of: value.littleEndian) { output.append(contentsOf: $0) }
  }
}
