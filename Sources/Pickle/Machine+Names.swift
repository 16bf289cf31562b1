extension Machine {
  mutating func global() throws(PickleError) {
    let module = String(decoding: try window.line(atMost: 256), as: UTF8.self)
    let name = String(decoding: try window.line(atMost: 256), as: UTF8.self)
    try pushGlobal(module: module, name: name)
  }

  mutating func stackGlobal() throws(PickleError) {
    let name = try text(try pop())
    let module = try text(try pop())
    guard let name, let module else {
      throw PickleError(.malformed("a global that is not named by two strings"))
    }
    try pushGlobal(module: module, name: name)
  }

  private mutating func pushGlobal(module: String, name: String) throws(PickleError) {
    if let global = Global(module: module, name: name) { return try push(.global(global)) }
    if case .values(let classes) = mode, classes.contains("\(module).\(name)") {
      return try push(.global(.named(module: module, name: name)))
    }
    throw PickleError(.globalNotAllowed(printable("\(module) \(name)")))
  }

  /// Reads the characters of a short string; nil where the item is no short string.
  func text(_ item: Item) throws(PickleError) -> String? {
    guard case .bytes(let span) = item, span.content != .bytes else { return nil }
    guard span.length <= 512, span.count != nil else { return nil }
    return String(decoding: try decodedBytes(span), as: UTF8.self)
  }

  /// Decodes a short string or byte string.
  func decodedBytes(_ span: ByteSpan) throws(PickleError) -> [UInt8] {
    let written = try window.copy(span.length, at: span.start)
    guard span.form != .raw, let count = span.count else { return written }
    var decoder = ByteWindow(PickleBytes(written))
    var bytes: [UInt8] = []
    for _ in 0..<count { bytes.append(try decoder.decodedByte(span.form)) }
    return bytes
  }
}

/// Shortens a name from an untrusted file and makes it safe to print.
private func printable(_ name: String) -> String {
  var text = ""
  for scalar in name.unicodeScalars.prefix(80) {
    text +=
      scalar.isASCII && scalar.value >= 0x20 && scalar.value != 0x7F
      ? String(scalar) : scalar.escaped(asASCII: true)
  }
  return text
}

// REDUCE: the few calls whose result is known without performing them.
extension Machine {
  mutating func reduce() throws(PickleError) {
    let arguments = try pop()
    let function = try pop()
    guard case .global(let global) = function else {
      throw PickleError(.malformed("\(function.what) cannot be called"))
    }
    guard case .sequence(let node) = arguments, node.shape == .tuple,
      case .items(let items) = node.content
    else { throw PickleError(.malformed("\(global.description) without a tuple of arguments")) }
    switch global {
    case .codecsEncode: try push(.bytes(try encodedText(items)))
    case .emptyBytes:
      guard items.isEmpty else {
        throw PickleError(.unsupported("bytes that are made from another value"))
      }
      let span = ByteSpan(
        content: .bytes, form: .raw, start: opcodeOffset, length: 0, count: 0)
      try push(.bytes(span))
    case .dtype: try push(.type(ElementNode(try elementType(items))))
    case .reconstruct:
      try checkReconstruct(items)
      try push(.array(ArrayNode(nil)))
    case .scalar: try push(.scalar(try numpyScalar(items)))
    case .frombuffer: try push(.array(ArrayNode(try buffer(items))))
    case .named: try pushObject(global, items)
    case .ndarray: throw PickleError(.unsupported("a NumPy array made by a call of ndarray"))
    }
  }

  /// Reads `_codecs.encode(text, 'latin1')`, as Python 3 writes bytes before protocol 3.
  private func encodedText(_ items: [Item]) throws(PickleError) -> ByteSpan {
    guard items.count == 2, case .bytes(var span) = items[0], span.content == .text,
      try text(items[1]) == "latin1"
    else { throw PickleError(.unsupported("_codecs.encode that does not turn text to latin1")) }
    guard span.count != nil else {
      throw PickleError(.malformed("bytes written as text with characters above U+00FF"))
    }
    span.content = .bytes
    return span
  }

  private func elementType(_ items: [Item]) throws(PickleError) -> ElementType {
    guard items.count == 3, items[1].flag == false, items[2].flag == true,
      case .bytes(let span) = items[0], span.content != .bytes
    else { throw PickleError(.malformed("numpy.dtype with unexpected arguments")) }
    guard let name = try text(items[0]), let type = ElementType(name: Array(name.utf8)) else {
      let name = try text(items[0]) ?? "?"
      throw PickleError(.unsupported("a NumPy array of type '\(printable(name))'"))
    }
    return type
  }

  private func checkReconstruct(_ items: [Item]) throws(PickleError) {
    guard items.count == 3, case .global(.ndarray) = items[0],
      try shape(items[1]) == [0], case .bytes(let code) = items[2],
      try decodedBytesIfShort(code) == [UInt8(ascii: "b")]
    else { throw PickleError(.malformed("_reconstruct with unexpected arguments")) }
  }

  private func decodedBytesIfShort(_ span: ByteSpan) throws(PickleError) -> [UInt8]? {
    span.length <= 64 && span.count != nil ? try decodedBytes(span) : nil
  }

  private func numpyScalar(_ items: [Item]) throws(PickleError) -> Number {
    guard items.count == 2, case .type(let node) = items[0], let data = items[1].data else {
      throw PickleError(.malformed("a NumPy scalar with unexpected arguments"))
    }
    return try scalar(node.type, data)
  }

  /// Converts the bytes of one element; refuses data that do not have the type's size.
  func scalar(_ type: ElementType, _ data: ByteSpan) throws(PickleError) -> Number {
    guard data.count == type.size else {
      throw PickleError(.malformed("a NumPy scalar of the wrong size"))
    }
    let bytes = try decodedBytes(data)
    return bytes.withUnsafeBytes { all in
      // The count was checked above, and no type has size 0.
      all.baseAddress.map { type.number(at: $0) } ?? .real(.nan)
    }
  }

  /// Reads the arguments of `_frombuffer(data, dtype, shape, order)`, the call by which protocol 5
  /// makes an array.
  private func buffer(_ items: [Item]) throws(PickleError) -> ArrayLayout {
    guard items.count == 4, let data = items[0].data, case .type(let node) = items[1],
      let shape = try shape(items[2]), let order = try text(items[3]), order == "C" || order == "F"
    else { throw PickleError(.malformed("_frombuffer with unexpected arguments")) }
    return try ArrayLayout(
      shape: shape, element: node.type, isFortran: order == "F", data: data)
  }

  func shape(_ item: Item) throws(PickleError) -> [Int]? {
    guard case .sequence(let node) = item, node.shape == .tuple,
      case .items(let items) = node.content
    else { return nil }
    var shape: [Int] = []
    for item in items {
      guard case .number(let number, _) = item, let extent = number.integer else { return nil }
      shape.append(extent)
    }
    return shape
  }
}

// BUILD: sets the state of a NumPy dtype, a NumPy array or an object.
extension Machine {
  mutating func build() throws(PickleError) {
    let state = try pop()
    guard stack.count > fence, let target = stack.last else {
      throw PickleError(.malformed("there is nothing to build"))
    }
    switch target {
    case .type(let node) where !node.isSealed:
      node.type.isBigEndian = try byteOrder(state, size: node.type.size)
      node.isSealed = true
    case .array(let node) where !node.isSealed && node.layout == nil:
      node.layout = try arrayState(state)
      node.isSealed = true
    case .object(let node) where !node.isSealed && node.state == nil:
      try setState(state, of: node)
    default: throw PickleError(.malformed("\(target.what) has no state to set"))
    }
  }

  /// Reads the state of a NumPy type, `(3, order, None, None, None, -1, -1, 0)`, and returns true
  /// for big-endian; refuses a type with fields or options.
  private func byteOrder(_ state: Item, size: Int) throws(PickleError) -> Bool {
    guard case .sequence(let node) = state, node.shape == .tuple,
      case .items(let items) = node.content, items.count == 8,
      items[0].integer == 3, items[5].integer == -1, items[6].integer == -1,
      items[7].integer == 0, items[2...4].allSatisfy(\.isNone)
    else { throw PickleError(.unsupported("a NumPy dtype with fields or options")) }
    switch try text(items[1]) {
    case "<", "=": return false
    case ">": return true
    case "|" where size == 1: return false
    default: throw PickleError(.malformed("a NumPy dtype with an unknown byte order"))
    }
  }

  /// Reads the state of a NumPy array: `(1, shape, dtype, isFortran, data)`.
  private func arrayState(_ state: Item) throws(PickleError) -> ArrayLayout {
    guard case .sequence(let node) = state, node.shape == .tuple,
      case .items(let items) = node.content, items.count == 5, items[0].integer == 1,
      let shape = try shape(items[1]), case .type(let type) = items[2],
      let isFortran = items[3].flag
    else { throw PickleError(.malformed("a NumPy array with an unexpected state")) }
    guard let data = items[4].data else {
      throw PickleError(.unsupported("a NumPy array that holds \(items[4].what)"))
    }
    return try ArrayLayout(
      shape: shape, element: type.type, isFortran: isFortran, data: data)
  }
}

extension Item {
  /// The value of a bool, or of the 0 or 1 that Python 2 wrote for it; nil for another item.
  fileprivate var flag: Bool? {
    switch self {
    case .bool(let value): value
    case .number(.python(0), _): false
    case .number(.python(1), _): true
    default: nil
    }
  }

  fileprivate var integer: Int? {
    if case .number(let number, _) = self { return number.integer }
    return nil
  }

  fileprivate var isNone: Bool {
    if case .none = self { return true }
    return false
  }

  /// The bytes, where they may be an array's data; nil for an item that is text or no bytes.
  fileprivate var data: ByteSpan? {
    if case .bytes(let span) = self, span.content != .text { return span }
    return nil
  }
}
