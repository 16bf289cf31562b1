internal import Bounds

/// The content of a small pickle that holds no vectors, as a tree of values; no object is made.
public enum PickleValue: Sendable, Equatable {
  /// Python's `None`.
  case none
  /// Python's `True` or `False`.
  case bool(Bool)
  /// An int of up to 64 bits; a larger int is refused, because no digit may be lost.
  case int(Int)
  /// A float, or a NumPy scalar of a float type.
  case float(Double)
  /// A Python text (`str`).
  case string(String)
  /// Bytes, a bytearray, or a Python 2 string that is not UTF-8.
  case bytes([UInt8])
  /// A Python list.
  case list([PickleValue])
  /// A Python tuple.
  case tuple([PickleValue])
  /// A set or frozenset, in the order in which it was written.
  case set([PickleValue])
  /// A dict, in the order in which it was written; a key may occur more than once.
  case dictionary([Pair])
  /// An instance of a class that the caller allowed: the name of the class and the data, not an
  /// object.
  indirect case object(type: String, arguments: [PickleValue], state: PickleValue)
  /// The name of a class that the caller allowed, or a name of NumPy.
  case name(String)
  /// A NumPy array's shape and elements, in C order.
  case array(shape: [Int], elements: [Double])

  /// One entry of a dict.
  public struct Pair: Sendable, Equatable {
    /// The key of the entry.
    public let key: PickleValue
    /// The value of the entry.
    public let value: PickleValue

    /// Creates an entry of a dict.
    public init(key: PickleValue, value: PickleValue) {
      self.key = key
      self.value = value
    }
  }
}

extension PickleValue {
  /// Reads a whole pickle into memory; nothing in it is imported, called or built.
  ///
  /// - Parameter classes: dotted names of classes whose instances the pickle may contain; they
  ///   become ``object(type:arguments:state:)``.
  public init(
    source: any PickleSource, classes: Set<String> = [], limits: PickleLimits = PickleLimits()
  ) throws(PickleError) {
    var machine = Machine(source, mode: .values(classes: classes), limits: limits)
    let result = try machine.run()
    var room = machine.window.size.addingSaturated(limits.cells / 64)
    self = try machine.value(of: result, room: &room)
  }

  /// The value of a text key, where this value is a dict that has the key; otherwise nil.
  ///
  /// Where a key occurs twice, the later value counts, as in Python.
  public subscript(key: String) -> PickleValue? {
    guard case .dictionary(let pairs) = self else { return nil }
    return pairs.last { $0.key == .string(key) }?.value
  }
}

extension Machine {
  /// Copies an item into a tree; `room` is the number of values that may still be made.
  mutating func value(of item: Item, room: inout Int) throws(PickleError) -> PickleValue {
    room -= 1
    guard room >= 0 else {
      throw PickleError(.limit("shared values that expand to far more than the file's size"))
    }
    switch item {
    case .none: return .none
    case .bool(let value): return .bool(value)
    case .number(let number, _), .scalar(let number): return try value(of: number)
    case .numbers, .rows: throw PickleError(.malformed("numbers outside a container"))
    case .bytes(let span): return try value(of: span, room: &room)
    case .global(let global): return .name(global.description)
    case .type: throw PickleError(.unsupported("a NumPy dtype as a value"))
    case .array(let node): return try value(of: node, room: &room)
    case .sequence(let node): return try value(of: node, room: &room)
    case .mapping(let node):
      var pairs: [PickleValue.Pair] = []
      for (key, element) in node.pairs {
        let key = try value(of: key, room: &room)
        pairs.append(.init(key: key, value: try value(of: element, room: &room)))
      }
      return .dictionary(pairs)
    case .object(let node):
      let arguments = try values(of: node.arguments, room: &room)
      let state = try value(of: node.state ?? .none, room: &room)
      return .object(type: node.type.description, arguments: arguments, state: state)
    }
  }

  private func value(of number: Number) throws(PickleError) -> PickleValue {
    switch number {
    case .real(let value): return .float(value)
    case .python(let value): return .int(value)
    case .signed(let value): return .int(Int(value))
    case .unsigned(let value):
      guard let value = Int(exactly: value) else { fallthrough }
      return .int(value)
    case .huge: throw PickleError(.unsupported("an integer of more than 64 bits"))
    }
  }

  private mutating func value(
    of span: ByteSpan, room: inout Int
  ) throws(PickleError) -> PickleValue {
    // A string in the memo may be read many times; each copy counts by its length.
    room -= span.length / 32
    guard room >= 0 else {
      throw PickleError(.limit("shared strings that expand to far more than the file's size"))
    }
    switch (span.content, span.form) {
    case (.text, .utf8):
      guard let text = String(validating: try window.copy(span.length, at: span.start)) else {
        throw PickleError(.malformed("text that is not UTF-8"), at: span.start)
      }
      return .string(text)
    case (.text, _): return .string(try escapedText(span))
    case (.legacy, _):
      let bytes = try decodedBytes(span)
      return String(validating: bytes).map { .string($0) } ?? .bytes(bytes)
    case (.bytes, _): return .bytes(try decodedBytes(span))
    }
  }

  /// Decodes protocol 0 text, which may have any character.
  private mutating func escapedText(_ span: ByteSpan) throws(PickleError) -> String {
    var decoder = ByteWindow(PickleBytes(try window.copy(span.length, at: span.start)))
    var text = String.UnicodeScalarView()
    while decoder.left > 0 {
      let first = try decoder.byte()
      let value = first == UInt8(ascii: "\\") ? try decoder.escapedCharacter() : UInt32(first)
      guard let scalar = Unicode.Scalar(value) else {
        throw PickleError(.malformed("text with half a surrogate pair"), at: span.start)
      }
      text.append(scalar)
    }
    return String(text)
  }

  private mutating func values(
    of items: [Item], room: inout Int
  ) throws(PickleError) -> [PickleValue] {
    var values: [PickleValue] = []
    for item in items { values.append(try value(of: item, room: &room)) }
    return values
  }

  private mutating func value(
    of node: SequenceNode, room: inout Int
  ) throws(PickleError) -> PickleValue {
    guard case .items(let items) = node.content else { return .list([]) }
    let values = try values(of: items, room: &room)
    switch node.shape {
    case .list: return .list(values)
    case .tuple: return .tuple(values)
    case .set: return .set(values)
    }
  }

  private mutating func value(
    of node: ArrayNode, room: inout Int
  ) throws(PickleError) -> PickleValue {
    guard let layout = node.layout else {
      throw PickleError(.malformed("a NumPy array without data"))
    }
    let count = layout.shape.reduce(1, *)
    room -= count
    guard room >= 0 else { throw PickleError(.limit("arrays that are larger than the file")) }
    try window.seek(to: layout.data.start)
    var elements: [Double] = []
    for _ in 0..<count {
      elements.append(try window.decodedElement(layout.element, layout.data.form).double)
    }
    guard layout.isFortran else { return .array(shape: layout.shape, elements: elements) }
    let (rows, columns) = (layout.rows, layout.columns)
    let transposed = (0..<count).map { elements[$0 % columns * rows + $0 / columns] }
    return .array(shape: layout.shape, elements: transposed)
  }
}

extension Number {
  /// The double that is nearest to the number.
  var double: Double {
    switch self {
    case .real(let value), .huge(let value): value
    case .python(let value): Double(value)
    case .signed(let value): Double(value)
    case .unsigned(let value): Double(value)
    }
  }
}

extension String {
  /// Creates a text from bytes; nil where the bytes are not UTF-8.
  fileprivate init?(validating bytes: [UInt8]) {
    guard let text = String(validating: bytes, as: UTF8.self) else { return nil }
    self = text
  }
}
