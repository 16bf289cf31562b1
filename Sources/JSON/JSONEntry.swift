/// One object of `metadata.json`: its own bytes, split into its members.
public struct JSONEntry: Sendable {
  /// A member of the object: the places of its key and its value.
  public struct Member: Sendable {
    let key: ScannedString
    /// The kind of the value.
    public private(set) var kind: JSONKind = .null
    var hasEscapes = false
    /// The number of elements of an array that `JSONLimits.numberMembers` names; nil for every other
    /// value.
    public internal(set) var elementCount: Int?
    private var start: UInt32 = 0
    private var end: UInt32 = 0

    init(key: ScannedString) { self.key = key }

    /// The range of the value in the entry's bytes, where the value is as in the file.
    public var value: Range<Int> { Int(start)..<Int(end) }

    /// The range of the key in the entry's bytes, quotes included.
    public var quotedKey: Range<Int> { Int(key.start) - 1..<Int(key.end) + 1 }

    mutating func begin(_ kind: JSONKind, at offset: Int) {
      self.kind = kind
      start = UInt32(offset)
    }

    mutating func end(at offset: Int) { end = UInt32(offset) }
  }

  /// The entry's index in the array, from 0.
  public internal(set) var index = 0
  /// The position of the entry's beginning in the file.
  public internal(set) var position = JSONPosition(byteOffset: 0, line: 1, column: 1)
  /// The object as in the file, from `{` to `}`; where the limits say so, U+0000 and lone
  /// surrogates are replaced by visible escapes.
  public internal(set) var bytes: [UInt8] = []
  /// The members in the order of the file.
  public internal(set) var members: [Member] = []
  /// The places of numbers that are written `-0`, because `jsonb` does not keep their sign.
  public internal(set) var negativeZeros = JSONFindings()
  /// The places of characters that are stored as visible escapes, such as `\u0000`; empty unless
  /// the limits allow that.
  public internal(set) var escapedCharacters = JSONFindings()

  /// Creates an empty entry, which `JSONEntryReader.next(into:)` fills.
  public init() {}

  /// Decodes the key of a member.
  public func key(of member: Member) -> String {
    String(decoding: decoded(member.key), as: UTF8.self)
  }

  /// Finds the member with this key, nil where the object has none.
  public func member(named name: String) -> Member? {
    let name = Array(name.utf8)
    return bytes.withUnsafeBufferPointer { bytes in
      let text = KeyText(base: bytes)
      return members.first { member in
        if member.key.hasEscapes { return text.decoded(member.key) == name }
        return Int(member.key.end - member.key.start) == name.count
          && text.content(member.key).elementsEqual(name)
      }
    }
  }

  /// Decodes a member whose value is a string; nil for a value of another kind.
  public func string(of member: Member) -> String? {
    if member.kind != .string { return nil }
    return String(decoding: decoded(content(of: member)), as: UTF8.self)
  }

  /// Appends the UTF-8 of a member whose value is a string; returns false for a value of another
  /// kind.
  public func appendUTF8(of member: Member, to output: inout [UInt8]) -> Bool {
    if member.kind != .string { return false }
    append(content(of: member), to: &output)
    return true
  }

  /// Appends the object without the members for which `isLeftOut` returns true; the other members
  /// are copied unchanged.
  public func appendObject(
    without isLeftOut: (Member) throws -> Bool, to output: inout [UInt8]
  ) rethrows {
    try bytes.withUnsafeBufferPointer { bytes in
      output.append(UInt8(ascii: "{"))
      var isFirst = true
      for member in members where try !isLeftOut(member) {
        if !isFirst { output.append(UInt8(ascii: ",")) }
        isFirst = false
        output.append(contentsOf: UnsafeBufferPointer(rebasing: bytes[member.quotedKey]))
        output.append(UInt8(ascii: ":"))
        output.append(contentsOf: UnsafeBufferPointer(rebasing: bytes[member.value]))
      }
      output.append(UInt8(ascii: "}"))
    }
  }

  private func content(of member: Member) -> ScannedString {
    ScannedString(
      start: UInt32(member.value.lowerBound + 1), end: UInt32(member.value.upperBound - 1),
      hasEscapes: member.hasEscapes)
  }

  private func decoded(_ string: ScannedString) -> [UInt8] {
    var output: [UInt8] = []
    append(string, to: &output)
    return output
  }

  private func append(_ string: ScannedString, to output: inout [UInt8]) {
    bytes.withUnsafeBufferPointer { bytes in
      let content = KeyText(base: bytes).content(string)
      if string.hasEscapes {
        JSONString.append(content, to: &output)
      } else {
        output.append(contentsOf: content)
      }
    }
  }
}
