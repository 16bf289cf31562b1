internal import Clock

/// A point in time read from an entry: ISO 8601, as Python's `datetime.isoformat()` writes it.
///
/// `YYYY-MM-DD`, `T` or a space, `hh:mm`, then perhaps `:ss`, a fraction of a second, and `Z` or an
/// offset `±hh:mm`, `±hhmm`, `±hh`. A time without an offset is local time.
public struct EntryTime: Sendable, Hashable {
  /// The microseconds since 2000-01-01 00:00 UTC; finer parts are cut off.
  public let microseconds: Int64
  /// False where a part finer than a microsecond was cut off.
  public let isExact: Bool

  /// Reads a time; nil where the text is not understood.
  ///
  /// - Parameter zone: the rules for times without an offset.
  public init?(_ text: String, in zone: LocalTime = .system) {
    var reader = EntryTimeReader(Array(text.utf8))
    guard let parts = reader.read() else { return nil }
    // `wall` is the number of seconds since 1970, as if the fields were in UTC.
    let wall = parts.time.secondsSince1970
    let seconds = parts.offset.map { wall - $0 } ?? zone.seconds(ofWall: wall)
    microseconds = Timestamp(secondsSince1970: seconds).microseconds + parts.microsecond
    isExact = parts.isExact
  }

  /// Reads a JSON number of seconds since 1970; nil where it is no such number.
  init?(secondsSince1970 text: ArraySlice<UInt8>) {
    guard let seconds = Double(String(decoding: text, as: UTF8.self)), seconds.magnitude < 4e11
    else { return nil }
    microseconds =
      Timestamp(secondsSince1970: Int64(seconds.rounded(.down))).microseconds
      + Int64(((seconds - seconds.rounded(.down)) * 1_000_000).rounded(.down))
    isExact = seconds.rounded(.down) == seconds
  }
}

/// The grammar of an entry's time.
struct EntryTimeReader {
  struct Parts {
    var year: Int64 = 0
    var month: Int64 = 0
    var day: Int64 = 0
    var hour: Int64 = 0
    var minute: Int64 = 0
    var second: Int64 = 0
    var microsecond: Int64 = 0
    var isExact = true
    /// The offset in seconds east of UTC; nil for local time.
    var offset: Int64?

    var time: DateAndTime {
      DateAndTime(
        year: year, month: month, day: day, hour: hour, minute: minute, second: second)
    }
  }

  private let bytes: [UInt8]
  private var index = 0

  init(_ bytes: [UInt8]) { self.bytes = bytes }

  mutating func read() -> Parts? {
    var parts = Parts()
    guard readDate(&parts), skip("T") || skip(" ") || skip("t"), readTime(&parts) else {
      return nil
    }
    if index == bytes.count { return parts }
    guard let offset = readOffset(), index == bytes.count else { return nil }
    parts.offset = offset
    return parts
  }

  private mutating func readDate(_ parts: inout Parts) -> Bool {
    guard let year = number(4), skip("-"), let month = number(2), skip("-"), let day = number(2),
      year >= 1, (1...12).contains(month)
    else { return false }
    let isLeap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
    let lengths: [Int64] = [31, isLeap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
    parts.year = year
    parts.month = month
    parts.day = day
    return (1...lengths[Int(month) - 1]).contains(day)
  }

  private mutating func readTime(_ parts: inout Parts) -> Bool {
    guard let hour = number(2), skip(":"), let minute = number(2), hour < 24, minute < 60 else {
      return false
    }
    parts.hour = hour
    parts.minute = minute
    guard skip(":") else { return true }
    guard let second = number(2), second < 60 else { return false }
    parts.second = second
    return skip(".") || skip(",") ? readFraction(&parts) : true
  }

  private mutating func readFraction(_ parts: inout Parts) -> Bool {
    let start = index
    while let digit = number(1) {
      let place = index - start
      if place <= 6 { parts.microsecond = parts.microsecond * 10 + digit }
      if place > 6, digit > 0 { parts.isExact = false }
    }
    for _ in (index - start)..<max(6, index - start) { parts.microsecond *= 10 }
    return index > start
  }

  private mutating func readOffset() -> Int64? {
    if skip("Z") || skip("z") { return 0 }
    let sign: Int64 = skip("+") ? 1 : -1
    guard sign == 1 || skip("-"), let hours = number(2), hours < 24 else { return nil }
    var seconds = hours * 3600
    // Python also writes the seconds of an offset; many time zones had such offsets before 1900.
    for unit: Int64 in [60, 1] where index < bytes.count {
      _ = skip(":")
      guard let value = number(2), value < 60 else { return nil }
      seconds += value * unit
    }
    return sign * seconds
  }

  private mutating func skip(_ character: Unicode.Scalar) -> Bool {
    guard index < bytes.count, bytes[index] == UInt8(ascii: character) else { return false }
    index += 1
    return true
  }

  /// Reads exactly this many decimal digits; nil where there are fewer.
  private mutating func number(_ digits: Int) -> Int64? {
    guard index + digits <= bytes.count else { return nil }
    var value: Int64 = 0
    for byte in bytes[index..<index + digits] {
      guard byte >= UInt8(ascii: "0"), byte <= UInt8(ascii: "9") else { return nil }
      value = value * 10 + Int64(byte - UInt8(ascii: "0"))
    }
    index += digits
    return value
  }
}
