/// Pickles that tests assemble opcode by opcode.
enum Assembly {
  static func float(_ value: Double) -> [UInt8] {
    [0x47] + withUnsafeBytes(of: value.bitPattern.bigEndian, Array.init)
  }

  static func floats(_ values: [Double]) -> [UInt8] { values.flatMap(float) }

  /// Returns a list of lists, as protocol 2 writes it without a memo.
  static func store(_ rows: [[Double]]) -> [UInt8] {
    list(rows.map { list([floats($0)]) }) + bytes(".")
  }

  static func list(_ items: [[UInt8]]) -> [UInt8] {
    bytes("](") + items.flatMap { $0 } + bytes("e")
  }

  /// Returns the characters of a string, up to U+00FF, as bytes.
  static func bytes(_ text: String) -> [UInt8] {
    text.unicodeScalars.map { UInt8(truncatingIfNeeded: $0.value) }
  }

  static func blob(_ content: [UInt8]) -> [UInt8] {
    bytes("B") + withUnsafeBytes(of: UInt32(content.count).littleEndian, Array.init) + content
  }

  /// Returns NumPy's dtype for a short name, in one byte order.
  static func dtype(_ name: String, order: String = "<") -> [UInt8] {
    bytes("cnumpy\ndtype\n(") + text(name) + bytes("\u{89}\u{88}tR(K\u{3}") + text(order)
      + bytes("NNNJ\u{FF}\u{FF}\u{FF}\u{FF}J\u{FF}\u{FF}\u{FF}\u{FF}K\u{0}tb")
  }

  static func text(_ value: String) -> [UInt8] {
    bytes("X") + withUnsafeBytes(of: UInt32(value.utf8.count).littleEndian, Array.init)
      + Array(value.utf8)
  }

  /// Returns an array that `_reconstruct` and BUILD make.
  static func array(
    shape: [UInt8], _ type: [UInt8], fortran: Bool = false, _ data: [UInt8],
    module: String = "numpy.core.multiarray"
  ) -> [UInt8] {
    bytes("c\(module)\n_reconstruct\ncnumpy\nndarray\nK\u{0}\u{85}C\u{1}b\u{87}R(K\u{1}(")
      + shape.flatMap { [0x4B, $0] } + bytes("t") + type + bytes(fortran ? "\u{88}" : "\u{89}")
      + data + bytes("tb")
  }
}
