/// An array in NumPy's file format (numpy.lib.format): magic, version, length of the header, a
/// header in the form of a Python dictionary, then the numbers.
struct NumpyArray {
  static let magic: [UInt8] = [0x93] + Array("NUMPY".utf8)

  private let data: ArraySlice<UInt8>
  private let type: String
  private let shape: [Int]

  init(_ bytes: [UInt8]) throws(SearchError) {
    guard bytes.count >= 12 else { throw Self.damaged }
    // Version 1 stores the length in two bytes, later versions in four.
    let width = bytes[6] == 1 ? 2 : 4
    let length = (0..<width).reduce(0) { $0 | Int(bytes[8 + $1]) << (8 * $1) }
    let start = 8 + width
    guard length <= bytes.count - start else { throw Self.damaged }
    let header = String(decoding: bytes[start..<start + length], as: UTF8.self)
    guard let type = Self.value(of: "descr", in: header, from: "'", to: "'"),
      let shape = Self.value(of: "shape", in: header, from: "(", to: ")")
    else { throw Self.damaged }
    self.type = type
    self.shape = shape.split(separator: ",").compactMap {
      Int($0.filter { $0 != " " })
    }
    data = bytes[(start + length)...]
  }

  /// Reads the numbers of an array with one axis, or with one row.
  func vector() throws(SearchError) -> [Float] {
    guard shape.count == 1 || (shape.count == 2 && shape[0] == 1), let count = shape.last,
      (0...VectorFile.largestSize).contains(count)
    else {
      throw SearchError(
        "the file holds an array of shape (\(shape.map(String.init).joined(separator: ", ")))",
        remedy: "save a single vector")
    }
    guard let order = type.first, ["<", ">"].contains(order),
      let width = ["f2": 2, "f4": 4, "f8": 8][type.dropFirst()]
    else {
      throw SearchError(
        "its numbers are of type \(type)", remedy: "save the array as float32, float64 or float16")
    }
    guard data.count == count * width else { throw Self.damaged }
    return (0..<count).map { index in
      let start = data.startIndex + index * width
      let bytes = data[start..<start + width]
      let pattern = (order == "<" ? Array(bytes.reversed()) : Array(bytes))
        .reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
      return Self.number(pattern, width: width)
    }
  }

  private static func number(_ pattern: UInt64, width: Int) -> Float {
    switch width {
    case 8: return Float(Double(bitPattern: pattern))
    case 4: return Float(bitPattern: UInt32(truncatingIfNeeded: pattern))
    default:
      // IEEE 754 binary16: a factor of 2^112 makes up for the smaller bias of its exponent.
      let sign = UInt32(pattern & 0x8000) << 16
      let magnitude = UInt32(pattern & 0x7FFF)
      guard magnitude < 0x7C00 else { return Float(bitPattern: sign | 0x7F80_0000) }
      let scaled =
        Float(bitPattern: magnitude << 13) * Float(sign: .plus, exponent: 112, significand: 1)
      return sign == 0 ? scaled : -scaled
    }
  }

  /// Finds the text between two marks that follow a key; nil where key or marks are missing.
  private static func value(
    of key: String, in header: String, from opening: Character, to closing: Character
  ) -> String? {
    guard let name = header.firstRange(of: "'\(key)':") else { return nil }
    let rest = header[name.upperBound...]
    guard let start = rest.firstIndex(of: opening) else { return nil }
    let inside = rest[rest.index(after: start)...]
    return inside.firstIndex(of: closing).map { String(inside[..<$0]) }
  }

  private static var damaged: SearchError {
    SearchError("the file is damaged: its NumPy array was cut short")
  }
}
