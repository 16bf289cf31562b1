internal import Glibc

/// The parts of a number's text, which is not converted to a binary number.
struct JSONNumber {
  let bytes: UnsafeBufferPointer<UInt8>
  let isNegative: Bool
  /// The digits before the point.
  private(set) var integer: Range<Int>
  /// The digits after the point, empty where there is none.
  private(set) var fraction: Range<Int>
  /// The decimal exponent, limited to ±2^40; 0 where none is written.
  private(set) var exponent = 0
  private(set) var hasExponent = false

  /// Splits the text of a number; nil where the text is not a number in JSON's grammar.
  init?(_ bytes: UnsafeBufferPointer<UInt8>) {
    self.bytes = bytes
    var index = 0
    isNegative = bytes.first == UInt8(ascii: "-")
    if isNegative { index = 1 }
    integer = Self.digits(bytes, from: index)
    index = integer.upperBound
    guard !integer.isEmpty, integer.count == 1 || bytes[integer.lowerBound] != UInt8(ascii: "0")
    else { return nil }
    fraction = index..<index
    if index < bytes.count, bytes[index] == UInt8(ascii: ".") {
      fraction = Self.digits(bytes, from: index + 1)
      if fraction.isEmpty { return nil }
      index = fraction.upperBound
    }
    if index < bytes.count, bytes[index] | 0x20 == UInt8(ascii: "e") {
      guard let end = readExponent(from: index + 1) else { return nil }
      index = end
    }
    if index != bytes.count { return nil }
  }

  private static func digits(_ bytes: UnsafeBufferPointer<UInt8>, from start: Int) -> Range<Int> {
    var end = start
    while end < bytes.count, bytes[end] &- UInt8(ascii: "0") < 10 { end += 1 }
    return start..<end
  }

  private mutating func readExponent(from start: Int) -> Int? {
    hasExponent = true
    var index = start
    let sign = index < bytes.count ? bytes[index] : 0
    if sign == UInt8(ascii: "+") || sign == UInt8(ascii: "-") { index += 1 }
    let digits = Self.digits(bytes, from: index)
    if digits.isEmpty { return nil }
    for place in digits {
      exponent = min(exponent * 10 + Int(bytes[place] - UInt8(ascii: "0")), 1 << 40)
    }
    if sign == UInt8(ascii: "-") { exponent.negate() }
    return digits.upperBound
  }

  /// True where a JSON reader takes the number for an integer rather than a double.
  var isInteger: Bool { fraction.isEmpty && !hasExponent }

  /// Returns the digits without the zeros at both ends and without the point, and the exponent of
  /// the last digit.
  ///
  /// The value is ± `digits` × 10^`exponent`; the value zero has no digits.
  func normalised() -> (digits: Range<Int>, exponent: Int) {
    // The point is within the range where the range covers both parts.
    var start = integer.lowerBound
    let limit = fraction.isEmpty ? integer.upperBound : fraction.upperBound
    while start < limit, !isSignificant(start) { start += 1 }
    if start == limit { return (start..<start, 0) }
    var end = limit
    while !isSignificant(end - 1) { end -= 1 }
    return (start..<end, exponent + place(of: end - 1))
  }

  private func isSignificant(_ index: Int) -> Bool {
    bytes[index] != UInt8(ascii: "0") && bytes[index] != UInt8(ascii: ".")
  }

  /// Returns the power of ten of the digit at `index`, where the written exponent is ignored.
  private func place(of index: Int) -> Int {
    index < integer.upperBound
      ? integer.upperBound - 1 - index : fraction.lowerBound - 1 - index
  }

  /// The power of ten of the first digit that is not zero, nil for zero.
  var leadingExponent: Int? {
    let digits = normalised().digits
    return digits.isEmpty ? nil : exponent + place(of: digits.lowerBound)
  }

  /// True where the nearest double is infinite.
  var overflowsDouble: Bool {
    guard let leading = leadingExponent, leading >= 308 else { return false }
    if leading > 308 { return true }
    // The C library decides at the limit; it needs a terminated string.
    var text = bytes.map { CChar(bitPattern: $0) }
    text.append(0)
    return strtod(text, nil).isInfinite
  }
}
