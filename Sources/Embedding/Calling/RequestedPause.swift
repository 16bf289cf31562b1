internal import Clock

/// The pause that a service asks for in `Retry-After` (RFC 9110, section 10.2.3).
enum RequestedPause {
  /// Reads seconds or a date; nil where the value is neither, and where it asks for no pause, so
  /// that this program's own pauses apply.
  ///
  /// - Parameter now: the present time in seconds since 1970.
  static func seconds(_ value: String, now: Int64) -> Double? {
    let seconds = Double(value) ?? date(value).map { Double($0 - now) }
    guard let seconds, seconds > 0 else { return nil }
    // The seconds are limited to a number that can be shown, and that is longer than any pause.
    return min(seconds, 1e9)
  }

  private static let months = [
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
  ]

  /// Reads a date such as `Sun, 06 Nov 1994 08:49:37 GMT` as seconds since 1970.
  private static func date(_ text: String) -> Int64? {
    let words = text.split(separator: " ")
    guard words.count == 6, words[5] == "GMT", words[0].hasSuffix(","),
      let month = months.firstIndex(of: String(words[2])),
      let day = number(words[1], 1...31), let year = number(words[3], 1970...9999)
    else { return nil }
    let time = words[4].split(separator: ":", omittingEmptySubsequences: false)
    guard time.count == 3, let hour = number(time[0], 0...23), let minute = number(time[1], 0...59),
      let second = number(time[2], 0...60)
    else { return nil }
    return DateAndTime(
      year: year, month: Int64(month + 1), day: day, hour: hour, minute: minute, second: second
    ).secondsSince1970
  }

  private static func number(_ text: Substring, _ range: ClosedRange<Int64>) -> Int64? {
    guard text.utf8.allSatisfy({ (48...57).contains($0) }), let number = Int64(text),
      range.contains(number)
    else { return nil }
    return number
  }
}
