extension Double {
  /// Writes the number with exactly this many digits after the point.
  package func shown(digits: Int) -> String {
    guard isFinite, magnitude < 1e9 else { return description }
    let scale = (0..<digits).reduce(1.0) { value, _ in value * 10 }
    let units = Int((magnitude * scale).rounded())
    guard digits > 0 else { return "\(self < 0 ? "-" : "")\(units)" }
    let fraction = String(units % Int(scale))
    let zeros = String(repeating: "0", count: digits - fraction.count)
    return "\(self < 0 ? "-" : "")\(units / Int(scale)).\(zeros)\(fraction)"
  }
}
