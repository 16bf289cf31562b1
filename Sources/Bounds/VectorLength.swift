/// The lengths of vectors whose cosines pgvector can compute.
///
/// pgvector adds the squares of a vector's numbers in single precision. Squares below 2^-126 lose
/// digits, each at most 2^-150. A vector has at most 2^14 numbers, so all squares together lose at
/// most 2^-136. Compared with 2^-110, the smallest squared length allowed here, that is less than
/// the rounding of a single number. A fit adds the squared lengths of 4,096 rows; with squared
/// lengths up to 2^110, their sum stays below the largest number, 2^128. A vector of zeros has no
/// direction, and is not refused.
public enum VectorLength {
  /// The smallest allowed length above zero, 2^-55 (2.8e-17).
  public static let smallest = 0x1p-55
  /// The largest allowed length, 2^55 (3.6e16).
  public static let largest = 0x1p55
  /// The largest possible quotient of a vector's length and its largest number: the square root of
  /// 2^14, because pgvector's vectors have at most 16,000 numbers.
  private static let largestQuotient = 0x1p7

  /// Returns the length of a vector where it is smaller or larger than allowed, and nil otherwise;
  /// all numbers must be finite.
  public static func outside(_ vector: UnsafeBufferPointer<Float>) -> Double? {
    var bits: UInt32 = 0
    for number in vector { bits = max(bits, number.bitPattern & 0x7FFF_FFFF) }
    let number = Double(Float(bitPattern: bits))
    // The largest number decides about almost every vector.
    if number == 0 || number >= smallest && number <= largest / largestQuotient { return nil }
    let length = length(of: vector)
    return length < smallest || length > largest ? length : nil
  }

  /// Computes the length of a vector in double precision, in which the squares of all Float32
  /// numbers fit.
  static func length(of vector: UnsafeBufferPointer<Float>) -> Double {
    var sum = 0.0
    for number in vector { sum += Double(number) * Double(number) }
    return sum.squareRoot()
  }
}
