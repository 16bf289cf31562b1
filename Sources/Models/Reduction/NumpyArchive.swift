/// Writes arrays in the format of `numpy.savez`, so that `numpy.load` can read them.
///
/// The file is a zip archive of stored entries (PKWARE APPNOTE 4.3), each an array in NumPy's
/// format 1.0: magic, version, header length, a Python dictionary literal, little-endian data.
package struct NumpyArchive {
  private var bytes: [UInt8] = []
  private var directory: [UInt8] = []
  private var entryCount: UInt16 = 0

  /// The date 1980-01-01, the first of the zip format; a fixed date gives the same bytes at every
  /// run.
  private static let date: UInt16 = 0x21

  /// Creates an empty archive.
  package init() {}

  /// Adds an array of single-precision numbers.
  package mutating func add(_ name: String, _ values: [Float], shape: [Int]) {
    add(name, type: "<f4", shape: shape, data: values.littleEndianBytes(\.bitPattern))
  }

  /// Adds an array of double-precision numbers.
  package mutating func add(_ name: String, _ values: [Double], shape: [Int]) {
    add(name, type: "<f8", shape: shape, data: values.littleEndianBytes(\.bitPattern))
  }

  /// Adds an array of integers.
  package mutating func add(_ name: String, _ values: [Int64], shape: [Int]) {
    add(name, type: "<i8", shape: shape, data: values.littleEndianBytes { UInt64(bitPattern: $0) })
  }

  /// Returns the bytes of the whole archive.
  package func finish() -> [UInt8] {
    var end: [UInt8] = []
    end.append(little: UInt32(0x0605_4B50))
    end.append(little: UInt32(0))
    end.append(little: entryCount)
    end.append(little: entryCount)
    end.append(little: UInt32(directory.count))
    end.append(little: UInt32(bytes.count))
    end.append(little: UInt16(0))
    return bytes + directory + end
  }

  private mutating func add(_ name: String, type: String, shape: [Int], data: [UInt8]) {
    let array = Self.header(type: type, shape: shape) + data
    let file = Array("\(name).npy".utf8)
    let offset = UInt32(bytes.count)
    var facts: [UInt8] = []
    facts.append(little: UInt16(20))  // version needed
    facts.append(little: UInt16(0))  // flags
    facts.append(little: UInt16(0))  // stored, not compressed
    facts.append(little: UInt16(0))  // time
    facts.append(little: Self.date)
    facts.append(little: CRC32.checksum(array))
    facts.append(little: UInt32(array.count))
    facts.append(little: UInt32(array.count))
    facts.append(little: UInt16(file.count))
    facts.append(little: UInt16(0))  // extra field
    bytes.append(little: UInt32(0x0403_4B50))
    bytes += facts + file + array
    directory.append(little: UInt32(0x0201_4B50))
    directory.append(little: UInt16(20))  // version made by
    directory += facts
    directory += [UInt8](repeating: 0, count: 10)  // comment, disk, attributes
    directory.append(little: offset)
    directory += file
    entryCount += 1
  }

  /// Returns an array's header, padded so that the data begin at a multiple of 64 bytes.
  private static func header(type: String, shape: [Int]) -> [UInt8] {
    let sizes = shape.map(String.init).joined(separator: ", ") + (shape.count == 1 ? "," : "")
    let text = "{'descr': '\(type)', 'fortran_order': False, 'shape': (\(sizes)), }"
    let padding = 63 - (10 + text.utf8.count) % 64
    var header: [UInt8] = [0x93] + Array("NUMPY".utf8) + [1, 0]
    header.append(little: UInt16(text.utf8.count + padding + 1))
    return header + Array(text.utf8) + [UInt8](repeating: 0x20, count: padding) + [0x0A]
  }
}

/// Computes the checksum that zip archives use (polynomial 0xEDB88320).
enum CRC32 {
  private static let table: [UInt32] = (0..<256).map { index in
    (0..<8).reduce(UInt32(index)) { value, _ in
      value & 1 == 1 ? 0xEDB8_8320 ^ (value >> 1) : value >> 1
    }
  }

  /// Computes the checksum of bytes.
  static func checksum(_ bytes: [UInt8]) -> UInt32 {
    ~bytes.reduce(~UInt32(0)) { table[Int(($0 ^ UInt32($1)) & 0xFF)] ^ ($0 >> 8) }
  }
}

extension [UInt8] {
  fileprivate mutating func append(little value: some FixedWidthInteger) {
    Swift.withUnsafeBytes(of: value.littleEndian) { append(contentsOf: $0) }
  }
}

extension Array {
  fileprivate func littleEndianBytes<Bits: FixedWidthInteger>(_ bits: (Element) -> Bits) -> [UInt8]
  {
    map { bits($0).littleEndian }.withUnsafeBytes { [UInt8]($0) }
  }
}
