/// The type of a NumPy array's elements: kind, size and byte order.
struct ElementType: Equatable, Sendable {
  enum Kind: UInt8, Sendable {
    case float, signed, unsigned
  }

  var kind: Kind
  /// The number of bytes of one element: 1, 2, 4 or 8.
  var size: Int
  var isBigEndian = false

  /// Reads NumPy's short name of a type, such as `f4`; nil for an unsupported type.
  init?(name: [UInt8]) {
    guard name.count == 2 else { return nil }
    switch name[0] {
    case UInt8(ascii: "f"): kind = .float
    case UInt8(ascii: "i"): kind = .signed
    case UInt8(ascii: "u"): kind = .unsigned
    default: return nil
    }
    size = Int(name[1]) - 0x30
    guard size == 8 || size == 4 || size == 2 || (size == 1 && kind != .float) else { return nil }
  }

  /// Converts the low bytes of `bits`, which are in the processor's byte order.
  @inline(__always)
  func number(_ bits: UInt64) -> Number {
    switch (kind, size) {
    case (.float, 8): .real(Double(bitPattern: bits))
    case (.float, 4): .real(Double(Float(bitPattern: UInt32(truncatingIfNeeded: bits))))
    case (.float, _): .real(Double(halfPrecision(UInt16(truncatingIfNeeded: bits))))
    case (.signed, 8): .signed(Int64(bitPattern: bits))
    case (.signed, 4): .signed(Int64(Int32(truncatingIfNeeded: bits)))
    case (.signed, 2): .signed(Int64(Int16(truncatingIfNeeded: bits)))
    case (.signed, _): .signed(Int64(Int8(truncatingIfNeeded: bits)))
    case (.unsigned, _): .unsigned(bits)
    }
  }

  /// Converts one element from its bytes in the file.
  @inline(__always)
  func number(at pointer: UnsafeRawPointer) -> Number {
    var bits: UInt64
    switch size {
    case 8: bits = pointer.loadUnaligned(as: UInt64.self)
    case 4: bits = UInt64(pointer.loadUnaligned(as: UInt32.self))
    case 2: bits = UInt64(pointer.loadUnaligned(as: UInt16.self))
    default: bits = UInt64(pointer.load(as: UInt8.self))
    }
    if isBigEndian { bits = bits.byteSwapped >> UInt64(64 - 8 * size) }
    return number(bits)
  }
}

/// Converts a half-precision number (IEEE 754) to Float32, which is always exact.
@inline(__always)
func halfPrecision(_ bits: UInt16) -> Float {
  let sign = UInt32(bits & 0x8000) << 16
  let magnitude = UInt32(bits & 0x7FFF)
  if magnitude >= 0x7C00 {  // infinity and NaN
    return Float(bitPattern: sign | 0x7F80_0000 | (magnitude & 0x3FF) << 13)
  }
  if magnitude < 0x400 {  // zero and subnormals: a count of 2^-24
    let value = Float(magnitude) * 0x1p-24
    return Float(bitPattern: sign | value.bitPattern)
  }
  return Float(bitPattern: sign | (magnitude << 13) + 0x3800_0000)
}
