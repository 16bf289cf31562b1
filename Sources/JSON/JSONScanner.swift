/// Checks a JSON text (RFC 8259) in one pass, through a window that reads the source part by part.
///
/// The nesting is kept on a stack of the scanner's own, never on the thread's stack. Indices that
/// must stay valid when the window reads more are relative to the window's `mark`, the first byte
/// of the current value.
struct JSONScanner: ~Copyable {
  var window: ByteWindow
  let limits: JSONLimits
  /// The index of the current entry, for errors.
  var entry: Int?
  /// One number for each open container: for an object, the index in `keys` at which its keys
  /// begin; for an array, the number of its elements so far, made negative.
  private var open: [Int] = []
  /// The keys of the open objects, outermost first.
  var keys: [KeyRecord] = []
  /// The members of the current outermost object.
  private(set) var members: [JSONEntry.Member] = []
  private(set) var negativeZeros = JSONFindings()
  var unstorable = JSONFindings()
  var line = 1
  /// The offset of the current line's first byte.
  var lineStart = 0
  /// True where the next value is that of a member which `limits.numberMembers` names.
  private var isNumberMember = false
  /// The position of the current value's beginning; nil between values.
  private var valueStart: JSONPosition?

  init(_ source: any ByteSource, limits: JSONLimits) {
    window = ByteWindow(source)
    self.limits = limits.representable
  }

  /// Creates a scanner of a text that is in memory.
  init(copying bytes: UnsafeRawBufferPointer, limits: JSONLimits) {
    window = ByteWindow(copying: bytes)
    self.limits = limits.representable
  }

  // MARK: Places and errors

  /// Returns the position of the byte at `index`, which must be in the current line.
  func position(at index: Int) -> JSONPosition {
    let offset = window.offset(of: index)
    return JSONPosition(byteOffset: offset, line: line, column: offset - lineStart + 1)
  }

  func error(_ reason: JSONError.Reason, at index: Int? = nil) -> JSONError {
    JSONError(reason: reason, position: position(at: index ?? window.position), entry: entry)
  }

  /// Creates the error for a byte that the grammar does not allow here.
  func unexpected(_ expected: String) -> JSONError {
    if window.position >= window.end { return error(.endOfText) }
    return error(.unexpected(byte: window.base[window.position], expected: expected))
  }

  // MARK: White space

  /// Moves to the next byte that is not white space, and returns that byte; returns 0 at the end of
  /// the text.
  @inline(__always)
  mutating func nextSignificant() throws -> UInt8 {
    let byte = window.base[window.position]
    return byte > 0x20 ? byte : try skipWhiteSpace()
  }

  private mutating func skipWhiteSpace() throws -> UInt8 {
    while true {
      let base = window.base
      var index = window.position
      while true {
        let byte = base[index]
        if byte == 0x20 || byte == 0x09 || byte == 0x0D {
          index += 1
        } else if byte == 0x0A {
          index += 1
          line += 1
          lineStart = window.offset(of: index)
          while isBlank(base + index) { index += 8 }
        } else {
          window.position = index
          if byte != 0 || index < window.end || window.isAtEnd { return byte }
          break
        }
      }
      try refill()
    }
  }

  /// Returns true where the next eight bytes are spaces, as in the indentation of a line.
  @inline(__always)
  private func isBlank(_ bytes: UnsafeMutablePointer<UInt8>) -> Bool {
    UnsafeRawPointer(bytes).loadUnaligned(as: UInt64.self) == 0x2020_2020_2020_2020
  }

  /// Reads more of the source; throws where the current value is longer than an entry may be.
  mutating func refill() throws {
    if valueStart == nil {
      window.mark = window.position
    } else if window.end - window.mark > limits.entryBytes {
      throw tooLongEntry()
    }
    try window.refill()
  }

  private func tooLongEntry() -> JSONError {
    let start = valueStart ?? position(at: window.mark)
    return JSONError(
      reason: .entryTooLong(limit: limits.entryBytes), position: start, entry: entry)
  }

  /// Makes `count` bytes available from `position` on, or all that the source still has; returns
  /// the number of available bytes.
  @inline(__always)
  mutating func ensure(_ count: Int) throws -> Int {
    while window.end - window.position < count, !window.isAtEnd { try refill() }
    return window.end - window.position
  }

  // MARK: Values

  /// Discards what was recorded of the previous value; the next value starts at `position`.
  mutating func beginRecord() {
    window.mark = window.position
    valueStart = position(at: window.position)
    open.removeAll(keepingCapacity: true)
    keys.removeAll(keepingCapacity: true)
    members.removeAll(keepingCapacity: true)
    negativeZeros.removeAll()
    unstorable.removeAll()
  }

  /// Ends the recording of a value, and refuses a value that is too long.
  mutating func endRecord() throws {
    if window.position - window.mark > limits.entryBytes { throw tooLongEntry() }
    valueStart = nil
  }

  /// Moves past one whole value, whose first byte is at `position`.
  mutating func skipValue() throws {
    let floor = open.count
    while true {
      if try enterValue() { continue }
      repeat {
        if open.count == floor { return }
        if open.count == 1 { endMember() }
      } while try !advance()
    }
  }

  /// Moves past a value that is no container, or into a container; returns true where a container's
  /// first value follows.
  private mutating func enterValue() throws -> Bool {
    let start = window.position
    switch window.base[start] {
    case UInt8(ascii: "\""):
      beginMember(.string)
      let string = try skipString()
      if open.count == 1 { noteMember(string) }
    case UInt8(ascii: "{"):
      beginMember(.object)
      return try enterObject()
    case UInt8(ascii: "["):
      beginMember(.array)
      if isNumberMember, open.count == 1 {
        isNumberMember = false
        if let count = try skipNumbers() {
          members[members.count - 1].elementCount = count
          return false
        }
      }
      return try enterArray()
    case UInt8(ascii: "t"):
      beginMember(.boolean)
      try skipLiteral("true")
    case UInt8(ascii: "f"):
      beginMember(.boolean)
      try skipLiteral("false")
    case UInt8(ascii: "n"):
      beginMember(.null)
      try skipLiteral("null")
    case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"):
      beginMember(.number)
      let relative = start - window.mark
      if try skipNumber() { negativeZeros.note(position(at: window.mark + relative)) }
    case UInt8(ascii: "N"):
      try skipLiteral("NaN")
    case UInt8(ascii: "I"):
      try skipLiteral("Infinity")
    default:
      throw unexpected("a value")
    }
    return false
  }

  private mutating func enterObject() throws -> Bool {
    try push(keys.count)
    if try nextSignificant() == UInt8(ascii: "}") {
      window.position += 1
      open.removeLast()
      return false
    }
    try scanKey()
    return true
  }

  private mutating func enterArray() throws -> Bool {
    try push(-1)
    if try nextSignificant() == UInt8(ascii: "]") {
      window.position += 1
      open.removeLast()
      return false
    }
    return true
  }

  private mutating func push(_ keyBase: Int) throws {
    if open.count >= limits.depth { throw error(.tooDeep(limit: limits.depth)) }
    open.append(keyBase)
    window.position += 1
  }

  /// Continues after a value: returns true where another value follows, false where the container
  /// of the value ended.
  private mutating func advance() throws -> Bool {
    let byte = try nextSignificant()
    let keyBase = open[open.count - 1]
    if byte == UInt8(ascii: ",") {
      window.position += 1
      if keyBase >= 0 {
        try scanKey(after: true)
      } else {
        try countElement()
        _ = try nextSignificant()
      }
      return true
    }
    guard byte == (keyBase >= 0 ? UInt8(ascii: "}") : UInt8(ascii: "]")) else {
      throw unexpected(keyBase >= 0 ? "',' or '}'" : "',' or ']'")
    }
    if keyBase >= 0 { try closeKeys(from: keyBase) }
    window.position += 1
    open.removeLast()
    return false
  }

  private mutating func countElement() throws {
    open[open.count - 1] -= 1
    if -open[open.count - 1] > limits.elements { throw error(.tooManyElements) }
  }

  /// Reads a key and the colon after it, and moves to the first byte of the value.
  private mutating func scanKey(after comma: Bool = false) throws {
    guard try nextSignificant() == UInt8(ascii: "\"") else {
      throw unexpected(comma ? "a key" : "a key or '}'")
    }
    let place = position(at: window.position)
    let key = try skipString()
    try record(key, base: open[open.count - 1], place: place)
    if open.count == 1 {
      members.append(JSONEntry.Member(key: key))
      if !limits.numberMembers.isEmpty { isNumberMember = isNumberKey(key) }
    }
    guard try nextSignificant() == UInt8(ascii: ":") else { throw unexpected("':'") }
    window.position += 1
    _ = try nextSignificant()
  }

  private func isNumberKey(_ key: ScannedString) -> Bool {
    let text = KeyText(base: window.base + window.mark).content(key)
    return limits.numberMembers.contains { $0.utf8.elementsEqual(text) }
  }

  // MARK: Members of the outermost object

  @inline(__always)
  private mutating func beginMember(_ kind: JSONKind) {
    guard open.count == 1, open[0] >= 0 else { return }
    members[members.count - 1].begin(kind, at: window.position - window.mark)
  }

  private mutating func noteMember(_ string: ScannedString) {
    if open[0] >= 0 { members[members.count - 1].hasEscapes = string.hasEscapes }
  }

  private mutating func endMember() {
    if open[0] >= 0 { members[members.count - 1].end(at: window.position - window.mark) }
  }
}
