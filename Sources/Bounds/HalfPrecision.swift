/// The limits of half precision: which vectors it can hold so that their cosines stay nearly the
/// same.
public enum HalfPrecision {
  /// The smallest number that half precision rounds to infinity; its largest finite number is
  /// 65,504.
  public static let tooLarge: Float = 65_520
  /// The smallest root mean square of a vector's numbers: 2^-14 (6.1e-5), the smallest number that
  /// half precision holds with all digits.
  ///
  /// With a smaller root mean square, all rounding errors of the vector together may be a larger
  /// share of the vector than the usual rounding to eleven binary digits.
  public static let smallestMean = 0x1p-14

  /// The share of a vector's length by which rounding to half precision may move what is computed
  /// from it: eight times the rounding of one number, because a reduction may stretch vectors.
  public static let largestMove = 0x1p-8

  /// The reason why half precision cannot hold a vector.
  public enum Fault: Sendable, Equatable {
    /// A number is too large.
    case largeNumber(position: Int, value: Float)
    /// All numbers together are too small.
    case smallNumbers(length: Double)
  }

  /// Returns the reason why half precision cannot hold a vector; nil where it can, or where all
  /// numbers are zero.
  public static func fault(of vector: UnsafeBufferPointer<Float>) -> Fault? {
    var bits: UInt32 = 0
    for number in vector { bits = max(bits, number.bitPattern & 0x7FFF_FFFF) }
    let number = Float(bitPattern: bits)
    if number == 0 { return nil }
    guard number < tooLarge else {
      let position = vector.firstIndex { abs($0) >= tooLarge } ?? 0
      return .largeNumber(position: position, value: vector[position])
    }
    let smallest = smallestMean * Double(vector.count).squareRoot()
    if Double(number) >= smallest { return nil }
    let length = VectorLength.length(of: vector)
    return length < smallest ? .smallNumbers(length: length) : nil
  }
}

extension HalfPrecision.Fault {
  /// Describes the fault of a row in words.
  public func words(ofRow row: Int) -> String {
    switch self {
    case .largeNumber(let position, let value):
      "row \(row), position \(position): \(value) is too large for half precision"
    case .smallNumbers(let length):
      "row \(row): its length, \(length), is too small for half precision"
    }
  }
}
