/// Writes a whole number with a comma at every thousand: `10,000`.
package func grouped(_ number: Int) -> String {
  let digits = Array(String(number.magnitude))
  var text = number < 0 ? "-" : ""
  for (index, digit) in digits.enumerated() {
    if index > 0, (digits.count - index).isMultiple(of: 3) { text += "," }
    text.append(digit)
  }
  return text
}

/// Writes a number and the things that it counts: `1 store`, `10,000 stores`, `2 entries`.
package func counted(_ number: Int, _ singular: String, _ plural: String? = nil) -> String {
  "\(grouped(number)) \(number == 1 ? singular : plural ?? singular + "s")"
}

/// Writes a size in decimal units: `512 B`, `3.2 MB`.
package func byteSize(_ bytes: Int) -> String {
  let units = ["kB", "MB", "GB", "TB", "PB", "EB"]
  let size = bytes.magnitude
  guard size >= 1000 else { return "\(bytes) B" }
  var divisor: UInt = 1000
  var unit = 0
  // 999,950 bytes would round to 1000.0 kB; they are shown as 1.0 MB.
  while unit < units.count - 1, tenths(size, divisor) >= 10_000 {
    divisor *= 1000
    unit += 1
  }
  let value = tenths(size, divisor)
  return "\(bytes < 0 ? "-" : "")\(value / 10).\(value % 10) \(units[unit])"
}

/// Writes a span of time: `850 ms`, `12.3 s`, `4 min 05 s`, `1 h 02 min`, `3 d 04 h`.
package func duration(_ time: Duration) -> String {
  let (seconds, attoseconds) = time.components
  let milliseconds = Int(seconds) * 1000 + Int(attoseconds / 1_000_000_000_000_000)
  guard milliseconds >= 0 else { return "-" + duration(.zero - time) }
  if milliseconds < 1000 { return "\(milliseconds) ms" }
  let tenthsOfSecond = (milliseconds + 50) / 100
  if tenthsOfSecond < 600 { return "\(tenthsOfSecond / 10).\(tenthsOfSecond % 10) s" }
  return duration(wholeSeconds: (milliseconds + 500) / 1000)
}

/// Writes a span of whole seconds: `12 s`, `4 min 05 s`, `1 h 02 min`, `3 d 04 h`.
package func duration(wholeSeconds whole: Int) -> String {
  if whole < 60 { return "\(whole) s" }
  if whole < 3600 { return "\(whole / 60) min \(twoDigits(whole % 60)) s" }
  if whole < 86_400 { return "\(whole / 3600) h \(twoDigits(whole % 3600 / 60)) min" }
  return "\(grouped(whole / 86_400)) d \(twoDigits(whole % 86_400 / 3600)) h"
}

/// Divides two numbers and returns the quotient in tenths, rounded to the nearest.
private func tenths(_ number: UInt, _ divisor: UInt) -> UInt {
  let (whole, rest) = number.quotientAndRemainder(dividingBy: divisor)
  // Divided first, because the product of a large number and ten would overflow.
  return whole * 10 + (rest / (divisor / 100) + 5) / 10
}

private func twoDigits(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
