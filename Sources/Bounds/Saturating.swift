/// Arithmetic on numbers from outside: file systems, clocks, manifests, databases, variables.
///
/// Such a number may have any value, and Swift ends the process where a result does not fit its
/// type. These operations return the largest or smallest value of the type instead. That is enough
/// for a sum of sizes, an age or a pause, where a very large value need not be exact.
extension FixedWidthInteger {
  /// Adds; where the sum does not fit the type, returns the type's largest or smallest value.
  @inlinable
  public func addingSaturated(_ other: Self) -> Self {
    let (sum, isBeyond) = addingReportingOverflow(other)
    return isBeyond ? (other < 0 ? .min : .max) : sum
  }

  /// Subtracts; where the difference does not fit the type, returns the type's largest or smallest
  /// value.
  @inlinable
  public func subtractingSaturated(_ other: Self) -> Self {
    let (difference, isBeyond) = subtractingReportingOverflow(other)
    return isBeyond ? (other < 0 ? .max : .min) : difference
  }

  /// Multiplies; where the product does not fit the type, returns the type's largest or smallest
  /// value.
  @inlinable
  public func multipliedSaturated(by other: Self) -> Self {
    let (product, isBeyond) = multipliedReportingOverflow(by: other)
    return isBeyond ? ((self < 0) == (other < 0) ? .max : .min) : product
  }
}

extension FixedWidthInteger {
  /// Creates the whole part of a number; where it does not fit, the type's largest or smallest
  /// value; for NaN, 0.
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
  /// Adds all elements; where a sum does not fit the type, goes on with the type's largest or
  /// smallest value.
  @inlinable
  public func sumSaturated() -> Element { reduce(0) { $0.addingSaturated($1) } }
}
