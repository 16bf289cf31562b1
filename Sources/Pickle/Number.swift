/// A number with the type that it has in the pickle, before it becomes a Float32.
enum Number: Equatable, Sendable {
  /// A Python float, or an element of a NumPy float type.
  case real(Double)
  /// A Python int, which is first converted to a double and then to a Float32, as in NumPy.
  case python(Int)
  /// An element of a NumPy integer type, which becomes a Float32 in one rounding.
  case signed(Int64)
  /// An element of an unsigned NumPy type.
  case unsigned(UInt64)
  /// An integer of more than 64 bits, rounded to the nearest double.
  case huge(Double)

  /// The nearest Float32, ties to even, which is also the result of NumPy's `astype(float32)`.
  var float: Float {
    switch self {
    case .real(let value), .huge(let value): Float(value)
    case .python(let value): Float(Double(value))
    case .signed(let value): Float(value)
    case .unsigned(let value): Float(value)
    }
  }

  /// The number as an array's extent or as a flag; nil where it is no Python int.
  var integer: Int? {
    if case .python(let value) = self { return value }
    return nil
  }

  /// The number as it is written in messages.
  var text: String {
    switch self {
    case .real(let value), .huge(let value): "\(value)"
    case .python(let value): "\(value)"
    case .signed(let value): "\(value)"
    case .unsigned(let value): "\(value)"
    }
  }
}

extension Number {
  /// Reads `repr` of a Python 2 or 3 float, as protocol 0 writes it; nil where the line is no such
  /// float.
  init?(floatLine line: [UInt8]) {
    guard isDecimal(line, fraction: true), let value = decimalValue(line) else {
      switch String(decoding: line, as: UTF8.self) {
      case "nan": self = .real(.nan)
      case "inf": self = .real(.infinity)
      case "-inf": self = .real(-.infinity)
      default: return nil
      }
      return
    }
    // Python refuses a number that overflows a double.
    guard value.isFinite else { return nil }
    self = .real(value)
  }

  /// Reads a decimal integer, as protocol 0 writes it, without Python 2's trailing `L`; nil where
  /// the line is no such integer.
  init?(integerLine line: [UInt8]) {
    guard isDecimal(line, fraction: false) else { return nil }
    if let value = Int(String(decoding: line, as: UTF8.self)) {
      self = .python(value)
    } else if let value = decimalValue(line) {
      self = .huge(value)
    } else {
      return nil
    }
  }

  /// Reads a two's complement integer of any length, least significant byte first.
  init(twosComplement bytes: [UInt8]) {
    let negative = (bytes.last ?? 0) >= 0x80
    var magnitude = bytes
    if negative { negate(&magnitude) }
    while magnitude.last == 0 { magnitude.removeLast() }
    if negative, magnitude == [0, 0, 0, 0, 0, 0, 0, 0x80] {
      self = .python(.min)
    } else if magnitude.count < 8 || (magnitude.count == 8 && magnitude[7] < 0x80) {
      let value = magnitude.reversed().reduce(Int(0)) { $0 << 8 | Int($1) }
      self = .python(negative ? -value : value)
    } else {
      let value = nearestDouble(magnitude)
      self = .huge(negative ? -value : value)
    }
  }
}

/// Negates a two's complement integer.
private func negate(_ bytes: inout [UInt8]) {
  var carry = true
  for index in bytes.indices {
    let (sum, overflow) = (~bytes[index]).addingReportingOverflow(carry ? 1 : 0)
    bytes[index] = sum
    carry = overflow
  }
}

/// Computes the nearest double, ties to even; the last byte, the most significant, is not zero.
private func nearestDouble(_ magnitude: [UInt8]) -> Double {
  // The leading 64 bits decide; the bits below only break ties.
  let top = magnitude.suffix(9).reversed()
  var leading: UInt64 = 0
  for byte in top.prefix(8) { leading = leading << 8 | UInt64(byte) }
  let shift = leading.leadingZeroBitCount
  var below = magnitude.dropLast(8)
  var exponent = 8 * below.count
  if shift > 0 {
    leading <<= UInt64(shift)
    exponent -= shift
    if let next = below.popLast() {
      leading |= UInt64(next >> (8 - shift))
      if next << shift != 0 { leading |= 1 }
    }
  }
  if below.contains(where: { $0 != 0 }) { leading |= 1 }
  guard exponent < 1024 else { return .infinity }
  let value = Double(leading)
  return exponent < 0
    ? value / Double(sign: .plus, exponent: -exponent, significand: 1)
    : value * Double(sign: .plus, exponent: exponent, significand: 1)
}

/// Returns true where a line consists of digits with an optional minus sign and, if `fraction` is
/// true, an optional point and exponent.
private func isDecimal(_ line: [UInt8], fraction: Bool) -> Bool {
  var rest = line[...]
  func digits() -> Int {
    let count = rest.prefix { $0 >= 0x30 && $0 <= 0x39 }.count
    rest = rest.dropFirst(count)
    return count
  }
  if rest.first == 0x2D { rest = rest.dropFirst() }
  let leading = rest.first
  let whole = digits()
  guard whole > 0 else { return false }
  guard fraction else { return rest.isEmpty && (leading != 0x30 || whole == 1) }
  if rest.first == 0x2E {
    rest = rest.dropFirst()
    _ = digits()
  }
  if rest.first == 0x65 || rest.first == 0x45 {
    rest = rest.dropFirst()
    if rest.first == 0x2B || rest.first == 0x2D { rest = rest.dropFirst() }
    guard digits() > 0 else { return false }
  }
  return rest.isEmpty
}

/// Computes the double that is nearest to a decimal literal, which has been checked before.
private func decimalValue(_ line: [UInt8]) -> Double? {
  Double(String(decoding: line, as: UTF8.self))
}
