/// Arithmetic on numbers from outside: file systems, clocks, manifests, databases, variables.
///
/// Such a number may be anything, and Swift ends the process where a result does not fit. These
/// operations stop at the largest or smallest value instead, which is right wherever "very much" is
/// all that has to be known: a sum of sizes, an age, a pause.
extension FixedWidthInteger {
  /// Adds; returns the bound where the sum would exceed it.
  @inlinable
  public func addingSaturated(_ other: Self) -> Self {
    let (sum, isBeyond) = addingReportingOverflow(other)
    return isBeyond ? (other < 0 ? .min : .max) : sum
  }

  /// Subtracts; returns the bound where the difference would exceed it.
  @inlinable
  public func subtractingSaturated(_ other: Self) -> Self {
    let (difference, isBeyond) = subtractingReportingOverflow(other)
    return isBeyond ? (other < 0 ? .max : .min) : difference
  }

  /// Multiplies; returns the bound where the product would exceed it.
  @inlinable
  public func multipliedSaturated(by other: Self) -> Self {
    let (product, isBeyond) = multipliedReportingOverflow(by: other)
    return isBeyond ? ((self < 0) == (other < 0) ? .max : .min) : product
  }
}

extension FixedWidthInteger {
  /// Creates the whole part of a number, or the bound that the number exceeds; 0 for NaN.
  @inlinable
  public init(saturating number: Double) {
    if let exact = Self(exactly: number.rounded(.towardZero)) {
      self = exact
    } else {
      self = number.isNaN ? 0 : number < 0 ? .min : .max
    }
  }
}

extension Sequence where Element: FixedWidthInteger {
  /// Adds all elements; returns the bound where the sum would exceed it.
  @inlinable
  public func sumSaturated() -> Element { reduce(0) { $0.addingSaturated($1) } }
}
