/// One axis of a plot: its range, and the values that are labelled on it.
public struct Axis: Sendable {
  /// The quantity of the axis, with its unit.
  public let title: String
  /// The values at both ends.
  public let range: ClosedRange<Double>
  /// The values that are labelled with a number.
  public let ticks: [Double]
  private let digits: Int

  /// Creates an axis with a labelled value at each step.
  ///
  /// - Parameter digits: the number of digits that the labels have after the point.
  public init(_ title: String, _ range: ClosedRange<Double>, every step: Double, digits: Int = 0) {
    self.title = title
    self.range = range
    self.digits = digits
    let count = Int(((range.upperBound - range.lowerBound) / step + 1e-9).rounded(.down))
    ticks = (0...max(0, count)).map { range.lowerBound + Double($0) * step }
  }

  /// Finds a step that divides a length into at most so many parts; it is 1, 2 or 5 times a power of
  /// ten.
  public static func step(for length: Double, parts: Double = 8) -> Double {
    guard length.isFinite else { return .greatestFiniteMagnitude }
    var step = 1.0
    while true {
      for factor in [1.0, 2, 5] where length / (factor * step) <= parts { return factor * step }
      step *= 10
    }
  }

  func contains(_ value: Double) -> Bool { range.contains(value) }

  /// Computes the position of a value on the axis: 0 at its beginning, 1 at its end.
  func position(_ value: Double) -> Double {
    let length = range.upperBound - range.lowerBound
    return length > 0 ? (value - range.lowerBound) / length : 0
  }

  func label(_ value: Double) -> String { fixed(value, digits: digits) }
}

/// Formats a number with exactly this many digits after the point.
func fixed(_ value: Double, digits: Int) -> String {
  let scale = (0..<digits).reduce(1) { product, _ in product * 10 }
  let units = Int((value.magnitude * Double(scale)).rounded())
  let sign = value < 0 && units > 0 ? "-" : ""
  guard digits > 0 else { return "\(sign)\(units)" }
  let fraction = String(units % scale)
  return
    "\(sign)\(units / scale).\(String(repeating: "0", count: digits - fraction.count))\(fraction)"
}
