/// Reads the objects of a JSON array one after the other; only one object is in memory at a time.
///
/// The reader checks UTF-8, JSON's grammar, and whether PostgreSQL can store the text. Reading
/// stops at the first error, which names the byte, the line and the entry.
public final class JSONEntryReader {
  private enum Stage { case start, entries, end }

  private var scanner: JSONScanner
  private var stage = Stage.start
  private var count = 0
  /// The error that ended the reading early.
  private var failure: (any Error)?

  /// Creates a reader at the beginning of a source.
  public init(_ source: any ByteSource, limits: JSONLimits = JSONLimits()) {
    scanner = JSONScanner(source, limits: limits)
  }

  /// Reads the next entry; nil after the last entry.
  public func next() throws -> JSONEntry? {
    var entry = JSONEntry()
    return try next(into: &entry) ? entry : nil
  }

  /// Fills `entry` with the next entry, reusing its memory; returns false after the last entry.
  ///
  /// After an error, every further call throws the same error, so that a damaged file never looks
  /// like a short one.
  public func next(into entry: inout JSONEntry) throws -> Bool {
    if let failure { throw failure }
    do {
      return try read(into: &entry)
    } catch {
      failure = error
      throw error
    }
  }

  private func read(into entry: inout JSONEntry) throws -> Bool {
    if stage == .start { try enterArray() }
    guard stage == .entries, try moveToEntry() else { return false }
    entry.index = count
    try scanner.readEntry(count, into: &entry)
    count += 1
    return true
  }

  private func enterArray() throws {
    try scanner.skipByteOrderMark()
    guard let kind = scanner.kind(of: try scanner.nextSignificant()) else {
      throw scanner.unexpected("'['")
    }
    guard kind == .array else {
      throw scanner.error(.wrongRoot(found: kind, expected: .array))
    }
    scanner.window.position += 1
    stage = .entries
  }

  /// Moves to the next entry's first byte; returns false where the array and the text end.
  private func moveToEntry() throws -> Bool {
    var byte = try scanner.nextSignificant()
    if byte == UInt8(ascii: "]") {
      scanner.window.position += 1
      try scanner.expectEnd()
      stage = .end
      return false
    }
    if count > 0 {
      guard byte == UInt8(ascii: ",") else { throw scanner.unexpected("',' or ']'") }
      scanner.window.position += 1
      byte = try scanner.nextSignificant()
    }
    return true
  }
}

extension JSONScanner {
  /// Skips U+FEFF at the beginning, which some editors write; refuses UTF-16 and UTF-32.
  mutating func skipByteOrderMark() throws {
    guard try ensure(4) >= 2 else { return }
    let bytes = window.base
    if bytes[0] == 0xEF, bytes[1] == 0xBB, bytes[2] == 0xBF {
      window.position += 3
    } else if bytes[0] == 0xFF && bytes[1] == 0xFE || bytes[0] == 0xFE && bytes[1] == 0xFF
      || bytes[0] == 0 || bytes[1] == 0
    {
      throw error(.wideCharacters)
    }
  }

  /// Returns the kind of value that begins with this byte, nil where no value begins with it.
  func kind(of byte: UInt8) -> JSONKind? {
    switch byte {
    case UInt8(ascii: "{"): .object
    case UInt8(ascii: "["): .array
    case UInt8(ascii: "\""): .string
    case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): .number
    case UInt8(ascii: "t"), UInt8(ascii: "f"): .boolean
    case UInt8(ascii: "n"): .null
    default: nil
    }
  }

  /// Refuses the source where anything but white space follows.
  mutating func expectEnd() throws {
    entry = nil
    _ = try nextSignificant()
    if window.position < window.end { throw error(.trailingBytes) }
  }

  /// Checks that the source contains one JSON value and nothing else.
  mutating func validateText() throws {
    _ = try nextSignificant()
    beginRecord()
    try skipValue()
    try endRecord()
    try expectEnd()
  }

  /// Reads the object that begins at the window's position.
  ///
  /// - Parameter keepsBytes: true to leave the bytes of the object as they are in the file, also
  ///   where the limits let unstorable characters be replaced.
  mutating func readEntry(
    _ index: Int?, into result: inout JSONEntry, keepsBytes: Bool = false
  ) throws {
    beginRecord()
    entry = index
    let kind = kind(of: window.base[window.position])
    guard kind == .object else {
      throw kind.map { error(.entryNotObject($0)) } ?? unexpected("an object")
    }
    result.position = position(at: window.position)
    try skipValue()
    try endRecord()
    let length = window.position - window.mark
    result.bytes.removeAll(keepingCapacity: true)
    result.bytes.append(
      contentsOf: UnsafeBufferPointer(start: window.base + window.mark, count: length))
    result.members.removeAll(keepingCapacity: true)
    result.members.append(contentsOf: members)
    result.negativeZeros = negativeZeros
    result.escapedCharacters = unstorable
    if !unstorable.isEmpty, !keepsBytes { try result.escapeUnstorable(limits) }
    entry = nil
  }
}

extension JSONEntry {
  /// Reads a text that consists of one object, such as a file that holds a map.
  public init(reading source: any ByteSource, limits: JSONLimits = JSONLimits()) throws {
    self.init()
    var scanner = JSONScanner(source, limits: limits)
    try scanner.skipByteOrderMark()
    let byte = try scanner.nextSignificant()
    if let kind = scanner.kind(of: byte), kind != .object {
      throw scanner.error(.wrongRoot(found: kind, expected: .object))
    }
    try scanner.readEntry(nil, into: &self)
    try scanner.expectEnd()
  }
}
