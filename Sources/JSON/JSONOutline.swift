internal import Glibc

/// The places of the members of every object in a JSON text, sorted by key within each object.
///
/// The text must have been checked as JSON before; nothing is checked here.
struct JSONOutline {
  /// An object, identified by the place of its opening brace.
  struct Object {
    let open: Int
    var end = 0
    /// The range of the object's members in the outline's list of members.
    var members = 0..<0
  }

  /// A member: the place of its key without quotes, and the place of its value.
  struct Member {
    let key: ScannedString
    var value: UInt32 = 0
  }

  private let bytes: UnsafeBufferPointer<UInt8>
  /// The objects in the order of their opening braces.
  private(set) var objects: [Object] = []
  private(set) var members: [Member] = []
  /// The members of objects that are still open, outermost first.
  private var pending: [Member] = []
  /// One element for each open container: its index in `objects`, or -1 for an array, and the
  /// number of pending members when it opened.
  private var open: [(object: Int, pending: Int)] = []

  init(_ bytes: UnsafeBufferPointer<UInt8>) {
    self.bytes = bytes
    var index = 0
    while index < bytes.count { index = step(at: index) }
  }

  /// Processes the text at `index`, and returns the index at which the next part may begin.
  private mutating func step(at index: Int) -> Int {
    switch bytes[index] {
    case UInt8(ascii: "{"):
      open.append((objects.count, pending.count))
      objects.append(Object(open: index))
      return readKey(from: index + 1)
    case UInt8(ascii: "["):
      open.append((-1, pending.count))
    case UInt8(ascii: "\""):
      return Int(Self.string(at: index, in: bytes).end) + 1
    case UInt8(ascii: ","):
      if let container = open.last, container.object >= 0 { return readKey(from: index + 1) }
    case UInt8(ascii: "}"):
      close(at: index)
    case UInt8(ascii: "]"):
      open.removeLast()
    default:
      break
    }
    return index + 1
  }

  /// Reads a key and returns the index of the key's value; where the object ends instead, returns
  /// the index of the object's end.
  private mutating func readKey(from start: Int) -> Int {
    let index = Self.significant(from: start, in: bytes)
    if bytes[index] != UInt8(ascii: "\"") { return index }
    let key = Self.string(at: index, in: bytes)
    let colon = Self.significant(from: Int(key.end) + 1, in: bytes)
    let value = Self.significant(from: colon + 1, in: bytes)
    pending.append(Member(key: key, value: UInt32(value)))
    return value
  }

  private mutating func close(at index: Int) {
    let (object, base) = open.removeLast()
    let start = members.count
    members.append(contentsOf: pending[base...])
    pending.removeLast(pending.count - base)
    let text = KeyText(base: bytes)
    members[start...].sort { text.order($0.key, $1.key) < 0 }
    objects[object].members = start..<members.count
    objects[object].end = index + 1
  }

  /// Returns the object that opens at `index`.
  func object(at index: Int) -> Object {
    var low = 0
    var high = objects.count - 1
    while low < high {
      let middle = (low + high) / 2
      if objects[middle].open < index { low = middle + 1 } else { high = middle }
    }
    return objects[low]
  }

  /// Finds the first byte from `start` on that is not white space.
  static func significant(from start: Int, in bytes: UnsafeBufferPointer<UInt8>) -> Int {
    var index = start
    while index < bytes.count, bytes[index] <= 0x20 { index += 1 }
    return index
  }

  /// Finds the end of the string whose opening quote is at `index`, and returns the content between
  /// the quotes.
  static func string(at index: Int, in bytes: UnsafeBufferPointer<UInt8>) -> ScannedString {
    var end = index + 1
    var hasEscapes = false
    while bytes[end] != UInt8(ascii: "\"") {
      let isEscape = bytes[end] == UInt8(ascii: "\\")
      hasEscapes = hasEscapes || isEscape
      end += isEscape ? 2 : 1
    }
    return ScannedString(start: UInt32(index + 1), end: UInt32(end), hasEscapes: hasEscapes)
  }
}
