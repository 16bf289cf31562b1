internal import Glibc

/// Reads decimal numbers as JSON writes them, rounded as a program rounds that reads a double and
/// stores the double as a Float32.
struct NumberText {
  /// The number, rounded to the nearest double and then to the nearest Float32; infinite where it
  /// is too large.
  let value: Float
  /// The index after the last byte of the number.
  let end: Int

  /// Reads the number that begins at `start`; nil where the text is not a number in JSON's grammar.
  ///
  /// The text must end with a byte that belongs to no number, such as a zero.
  @inline(__always)
  init?(_ text: UnsafePointer<UInt8>, from start: Int) {
    guard var digits = Digits(text, from: start) else { return nil }
    if digits.count > Digits.exact { digits.readAgain(text) }
    end = digits.end
    let size = digits.magnitude ?? Self.slow(text, start, digits.end)
    value = digits.isNegative ? -size : size
  }

  /// Reads a number with the C library, which rounds exactly; returns its size without the sign.
  @inline(never)
  private static func slow(_ text: UnsafePointer<UInt8>, _ start: Int, _ end: Int) -> Float {
    var copy = (start..<end).map { CChar(bitPattern: text[$0]) }
    copy.append(0)
    return Float(strtod(copy, nil).magnitude)
  }
}

/// The digits of a number, as a whole number and a power of ten.
private struct Digits {
  /// The number of decimal digits that always fit into 64 bits.
  static let exact = 19

  let isNegative: Bool
  /// The first digits, without the point.
  private var mantissa: UInt64 = 0
  /// The power of ten by which the mantissa is multiplied.
  private var exponent = 0
  /// The number of digits, those before the first that is not zero included.
  private(set) var count = 0
  private(set) var end: Int
  private let first: Int

  @inline(__always)
  init?(_ text: UnsafePointer<UInt8>, from start: Int) {
    isNegative = text[start] == UInt8(ascii: "-")
    first = isNegative ? start + 1 : start
    var index = first
    var digit = text[index] &- 48
    guard digit < 10 else { return nil }
    if digit == 0 {
      index += 1
      if text[index] &- 48 < 10 { return nil }
    } else {
      while digit < 10 {
        mantissa = mantissa &* 10 &+ UInt64(digit)
        index += 1
        digit = text[index] &- 48
      }
      count = index - first
    }
    if text[index] == UInt8(ascii: ".") {
      index += 1
      let point = index
      digit = text[index] &- 48
      guard digit < 10 else { return nil }
      while digit < 10 {
        mantissa = mantissa &* 10 &+ UInt64(digit)
        index += 1
        digit = text[index] &- 48
      }
      exponent = point - index
      count += index - point
    }
    end = index
    if text[index] | 0x20 == UInt8(ascii: "e") {
      guard readExponent(text) else { return nil }
    }
  }

  /// Reads the written exponent, which begins at `end`; returns false where it has no digits.
  @inline(never)
  private mutating func readExponent(_ text: UnsafePointer<UInt8>) -> Bool {
    var index = end + 1
    let isNegative = text[index] == UInt8(ascii: "-")
    if isNegative || text[index] == UInt8(ascii: "+") { index += 1 }
    let first = index
    var value = 0
    while text[index] &- 48 < 10 {
      value = min(value * 10 + Int(text[index] &- 48), 1 << 20)
      index += 1
    }
    guard index > first else { return false }
    exponent += isNegative ? -value : value
    end = index
    return true
  }

  /// Reads a number of many digits again: leading zeros do not count, and digits after the 19th are
  /// left out.
  @inline(never)
  mutating func readAgain(_ text: UnsafePointer<UInt8>) {
    mantissa = 0
    var significant = 0
    var left = 0
    for index in first..<end {
      let digit = text[index] &- 48
      if text[index] | 0x20 == UInt8(ascii: "e") { break }
      guard digit < 10 else { continue }
      if significant < Self.exact {
        mantissa = mantissa * 10 + UInt64(digit)
        if mantissa > 0 { significant += 1 }
      } else {
        left += 1
      }
    }
    exponent += left
  }

  /// The number without its sign; nil where 64 bits do not decide how it is rounded.
  ///
  /// The product of mantissa and power of ten is known with an error of less than 34 units of its
  /// last place. Where the bounds on both sides round to the same Float32, this is the result.
  @inline(__always)
  var magnitude: Float? {
    if mantissa == 0 { return 0 }
    guard let power = PowersOfTen.all[exponent] else { return nil }
    let shift = mantissa.leadingZeroBitCount
    let high = Int64((mantissa << shift).multipliedFullWidth(by: power.mantissa).high >> 1)
    if high > Int64.max - 17 { return nil }
    // The scale is a power of two whose exponent a double can have.
    let scale = Double(bitPattern: UInt64(1023 + 65 - shift + power.exponent) << 52)
    let low = Float(Double(high - 17) * scale)
    return low == Float(Double(high + 17) * scale) ? low : nil
  }
}

/// The powers of ten in a binary form: mantissa × 2^exponent, the mantissa cut to 64 bits.
private struct PowersOfTen {
  struct Power {
    var mantissa: UInt64
    var exponent: Int
  }

  static let all = PowersOfTen()
  private static let range = 64
  private let powers: [Power]

  /// The power of ten with this exponent; nil outside of -64…64.
  @inline(__always)
  subscript(exponent: Int) -> Power? {
    guard exponent >= -Self.range, exponent <= Self.range else { return nil }
    return powers[exponent + Self.range]
  }

  private init() {
    var up: [Power] = []
    var down: [Power] = []
    // Mantissas of 124 bits, whose highest bit is set: each step adds an error of less than one unit
    // of the last place, which is far below the 64 bits that are kept.
    var larger = (mantissa: UInt128(1) << 123, exponent: -123)
    var smaller = larger
    for _ in 0...Self.range {
      up.append(Self.cut(larger))
      down.append(Self.cut(smaller))
      larger = Self.normalised(larger.mantissa / 8 * 10, larger.exponent + 3)
      smaller = Self.normalised(smaller.mantissa / 10 * 8, smaller.exponent - 3)
    }
    powers = down.dropFirst().reversed() + up
  }

  private static func normalised(_ mantissa: UInt128, _ exponent: Int) -> (UInt128, Int) {
    let shift = mantissa.leadingZeroBitCount - 4
    return (shift >= 0 ? mantissa << shift : mantissa >> -shift, exponent - shift)
  }

  private static func cut(_ power: (mantissa: UInt128, exponent: Int)) -> Power {
    Power(mantissa: UInt64(power.mantissa >> 60), exponent: power.exponent + 60)
  }
}
