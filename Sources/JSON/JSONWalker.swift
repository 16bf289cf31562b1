/// Walks through a large JSON text from its beginning to its end, and reads only the values that
/// the caller asks for; no more than one of them is in memory at a time.
///
/// The caller enters the objects and arrays around the values that it looks for. Reading stops at
/// the first error. Repeated keys are not noticed in objects that were entered.
public final class JSONWalker {
  private var scanner: JSONScanner
  /// The containers that were entered and not left; true where nothing was read from the container.
  private var isFirst: [Bool] = []
  /// The range of the bytes of the last key, quotes included.
  public private(set) var keyRange = 0..<0

  /// Creates a walker at the beginning of a source.
  public init(_ source: any ByteSource, limits: JSONLimits = JSONLimits()) throws {
    scanner = JSONScanner(source, limits: limits)
    try scanner.skipByteOrderMark()
  }

  /// The position of the next byte.
  public var position: JSONPosition { scanner.position(at: scanner.window.position) }

  /// Returns the kind of the next value; nil where no value begins, or the text ends.
  public func kind() throws -> JSONKind? { scanner.kind(of: try scanner.nextSignificant()) }

  /// Returns true where nothing but white space follows.
  public func isAtEnd() throws -> Bool {
    try scanner.nextSignificant() == 0 && scanner.window.position >= scanner.window.end
  }

  /// Enters the next value, which must be an object or an array of this kind.
  public func enter(_ expected: JSONKind) throws {
    guard let kind = try kind() else { throw scanner.unexpected("\(expected)") }
    guard kind == expected else {
      throw scanner.error(.wrongRoot(found: kind, expected: expected))
    }
    scanner.window.position += 1
    isFirst.append(true)
  }

  /// Reads the next key of an object, and moves to its value; nil after the last, which leaves the
  /// object.
  public func nextKey() throws -> String? {
    guard try moveToNext(end: UInt8(ascii: "}")) else { return nil }
    guard try scanner.nextSignificant() == UInt8(ascii: "\"") else {
      throw scanner.unexpected("a key")
    }
    let start = offset
    let key = try string()
    keyRange = start..<offset
    guard try scanner.nextSignificant() == UInt8(ascii: ":") else {
      throw scanner.unexpected("':'")
    }
    scanner.window.position += 1
    return key
  }

  /// Moves to the next element of an array; returns false after the last, which leaves the array.
  public func nextElement() throws -> Bool { try moveToNext(end: UInt8(ascii: "]")) }

  private func moveToNext(end: UInt8) throws -> Bool {
    guard let first = isFirst.last else { return false }
    let byte = try scanner.nextSignificant()
    if byte == end {
      scanner.window.position += 1
      isFirst.removeLast()
      return false
    }
    if !first {
      guard byte == UInt8(ascii: ",") else {
        throw scanner.unexpected("',' or '\(Character(UnicodeScalar(end)))'")
      }
      scanner.window.position += 1
      _ = try scanner.nextSignificant()
    }
    isFirst[isFirst.count - 1] = false
    return true
  }

  /// Reads the next value, which must be a string.
  public func string() throws -> String {
    guard try scanner.nextSignificant() == UInt8(ascii: "\"") else {
      throw scanner.unexpected("a string")
    }
    scanner.beginRecord()
    let string = try scanner.skipString()
    let text = KeyText(base: scanner.window.base + scanner.window.mark)
    let bytes = string.hasEscapes ? text.decoded(string) : Array(text.content(string))
    try scanner.endRecord()
    return String(decoding: bytes, as: UTF8.self)
  }

  /// Moves past the next value, whatever it is; returns the range of its bytes in the text.
  @discardableResult
  public func skip() throws -> Range<Int> {
    _ = try scanner.nextSignificant()
    let start = offset
    scanner.beginRecord()
    try scanner.skipValue()
    try scanner.endRecord()
    return start..<offset
  }

  /// Moves past the next value, which must be an array of numbers; returns the range of its bytes and
  /// the number of its elements.
  ///
  /// The numbers are not looked at.
  public func skipNumbers() throws -> (range: Range<Int>, count: Int) {
    let kind = try kind()
    guard kind == .array else {
      throw kind.map { scanner.error(.wrongRoot(found: $0, expected: .array)) }
        ?? scanner.unexpected("an array")
    }
    let start = offset
    guard let count = try scanner.skipNumbers() else {
      throw scanner.unexpected("an array of numbers")
    }
    return (start..<offset, count)
  }

  /// Moves past a string of any length that has no escapes, such as base64; returns the range of the
  /// bytes between its quotes.
  public func skipPlainString() throws -> Range<Int> {
    guard try scanner.nextSignificant() == UInt8(ascii: "\"") else {
      throw scanner.unexpected("a string")
    }
    scanner.window.position += 1
    let start = offset
    while true {
      let base = scanner.window.base
      var index = scanner.window.position
      while base[index] > 0x20, base[index] < 0x80, base[index] != UInt8(ascii: "\""),
        base[index] != UInt8(ascii: "\\")
      {
        index += 1
      }
      scanner.window.position = index
      if base[index] == UInt8(ascii: "\"") { break }
      guard base[index] == 0, index >= scanner.window.end else {
        throw scanner.unexpected("letters and digits of base64")
      }
      if scanner.window.isAtEnd { throw scanner.error(.endOfText) }
      try scanner.refill()
    }
    let end = offset
    scanner.window.position += 1
    return start..<end
  }

  /// Reads the next value, which must be an object, into `entry`; returns the range of its bytes.
  ///
  /// The entry's bytes are those of the file, so that the range of a member can be found in the file.
  ///
  /// - Parameter index: the index of the entry, for errors.
  public func entry(_ index: Int, into entry: inout JSONEntry) throws -> Range<Int> {
    _ = try scanner.nextSignificant()
    let start = offset
    try scanner.readEntry(index, into: &entry, keepsBytes: true)
    entry.index = index
    return start..<offset
  }

  /// Refuses the text where anything but white space follows.
  public func finish() throws { try scanner.expectEnd() }

  /// The number of bytes before the next one.
  private var offset: Int { scanner.window.offset(of: scanner.window.position) }
}

extension JSONEntry {
  /// Reads an object that is in memory.
  public init(copying bytes: UnsafeRawBufferPointer, limits: JSONLimits = JSONLimits()) throws {
    self.init()
    try read(bytes, limits: limits)
  }

  /// Reads an object that is in memory, and reuses the memory of this entry.
  public mutating func read(_ bytes: UnsafeRawBufferPointer, limits: JSONLimits) throws {
    var scanner = JSONScanner(copying: bytes, limits: limits)
    _ = try scanner.nextSignificant()
    try scanner.readEntry(index, into: &self)
    try scanner.expectEnd()
  }

  /// Reads a member whose value is an object; nil for a value of another kind.
  public func object(of member: Member, limits: JSONLimits = JSONLimits()) throws -> JSONEntry? {
    guard member.kind == .object else { return nil }
    return try bytes.withUnsafeBytes { all in
      try JSONEntry(copying: UnsafeRawBufferPointer(rebasing: all[member.value]), limits: limits)
    }
  }
}

extension JSONEntry {
  /// Gives the entry its index, for messages.
  public mutating func number(_ index: Int) { self.index = index }
}

extension JSONWalker {
  /// Creates the error for a key that occurs twice in an object.
  public func repeatedKey() -> JSONError {
    JSONError(reason: .duplicateKey, position: position, entry: nil)
  }

  /// Creates the error for an object that lacks a key.
  public func missingKey(_ key: String) -> JSONError {
    JSONError(reason: .missingKey(key), position: position, entry: nil)
  }
}
