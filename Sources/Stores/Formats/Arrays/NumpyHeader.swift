/// The header of NumPy's format `.npy`, versions 1 to 3: a magic number, a length, and the text of a
/// Python dictionary with exactly three members.
struct NumpyHeader {
  private static let magic: [UInt8] = [0x93] + Array("NUMPY".utf8)
  /// The largest number of bytes of a header.
  static let limit = 1 << 16

  /// Reads a header.
  ///
  /// - Parameter bytes: the beginning of the array's file.
  /// - Returns: the outline, whose offset is that within the array's file.
  static func outline(_ bytes: [UInt8]) throws(UnreadableArray) -> ArrayOutline {
    guard bytes.starts(with: magic), bytes.count >= 12 else {
      throw UnreadableArray(problem: "is not a file of NumPy")
    }
    let isShort = bytes[6] == 1
    guard (1...3).contains(bytes[6]), bytes[7] == 0 else {
      throw UnreadableArray(problem: "has version \(bytes[6]).\(bytes[7]) of NumPy's format")
    }
    let start = isShort ? 10 : 12
    let length = (isShort ? 8..<10 : 8..<12).reversed().reduce(0) { $0 << 8 | Int(bytes[$1]) }
    guard length <= limit, bytes.count >= start + length else {
      throw UnreadableArray(problem: "ends within its header", remedy: "restore the file")
    }
    var reader = DictionaryReader(Array(bytes[start..<start + length]))
    return try reader.outline(offset: start + length)
  }
}

/// Reads the text of a header's dictionary.
private struct DictionaryReader {
  private let bytes: [UInt8]
  private var index = 0
  private var type: String?
  private var isFortran: Bool?
  private var shape: [Int]?

  init(_ bytes: [UInt8]) { self.bytes = bytes }

  mutating func outline(offset: Int) throws(UnreadableArray) -> ArrayOutline {
    try expect("{")
    while !skip("}") {
      try readMember()
      if !skip(",") {
        try expect("}")
        break
      }
    }
    skipSpace()
    guard index == bytes.count, let type, let isFortran, let shape else { throw invalid }
    guard shape.count == 2 else {
      throw UnreadableArray(
        problem: "has \(shape.count) dimensions; an array of vectors has 2")
    }
    if isFortran, shape[0] > 1, shape[1] > 1 {
      throw UnreadableArray(
        problem: "is in the order of Fortran", remedy: "save numpy.ascontiguousarray(array)")
    }
    let (element, isBigEndian) = try Self.element(type)
    return ArrayOutline(
      element: element, isBigEndian: isBigEndian, rows: shape[0], columns: shape[1], offset: offset)
  }

  private static func element(_ type: String) throws(UnreadableArray) -> (ArrayElement, Bool) {
    if type.hasSuffix("O") {
      throw UnreadableArray(
        problem: "is an array of Python objects, which would have to be executed",
        remedy: "save the vectors as an array of float32")
    }
    let element: ArrayElement? =
      switch type.dropFirst() {
      case "f8": .float64
      case "f4": .float32
      case "f2": .float16
      default: nil
      }
    guard let element, type.hasPrefix("<") || type.hasPrefix(">") else {
      throw UnreadableArray(
        problem: "has numbers of the type \(type.prefix(20))",
        remedy: "save the vectors as an array of float32")
    }
    return (element, type.hasPrefix(">"))
  }

  private mutating func readMember() throws(UnreadableArray) {
    let key = try string()
    try expect(":")
    switch key {
    case "descr" where type == nil: type = try string()
    case "fortran_order" where isFortran == nil: isFortran = try boolean()
    case "shape" where shape == nil: shape = try tuple()
    default: throw invalid
    }
  }

  private mutating func string() throws(UnreadableArray) -> String {
    try expect("'")
    let start = index
    while index < bytes.count, bytes[index] != UInt8(ascii: "'") { index += 1 }
    guard index < bytes.count else { throw invalid }
    defer { index += 1 }
    return String(decoding: bytes[start..<index], as: UTF8.self)
  }

  private mutating func boolean() throws(UnreadableArray) -> Bool {
    skipSpace()
    for (word, value) in [("True", true), ("False", false)]
    where bytes[index...].starts(with: Array(word.utf8)) {
      index += word.utf8.count
      return value
    }
    throw invalid
  }

  private mutating func tuple() throws(UnreadableArray) -> [Int] {
    try expect("(")
    var numbers: [Int] = []
    while !skip(")") {
      skipSpace()
      let start = index
      while index < bytes.count, bytes[index] &- 48 < 10 { index += 1 }
      guard let number = Int(String(decoding: bytes[start..<index], as: UTF8.self)) else {
        throw invalid
      }
      numbers.append(number)
      if !skip(",") {
        try expect(")")
        break
      }
    }
    return numbers
  }

  private mutating func skipSpace() {
    while index < bytes.count, bytes[index] == 0x20 || bytes[index] == 0x0A { index += 1 }
  }

  private mutating func skip(_ character: Unicode.Scalar) -> Bool {
    skipSpace()
    guard index < bytes.count, bytes[index] == UInt8(ascii: character) else { return false }
    index += 1
    return true
  }

  private mutating func expect(_ character: Unicode.Scalar) throws(UnreadableArray) {
    if !skip(character) { throw invalid }
  }

  private var invalid: UnreadableArray {
    UnreadableArray(problem: "its header is not one that NumPy writes", remedy: "restore the file")
  }
}
