internal import Glibc

/// A time in the operator's local time zone, to the second.
public struct CalendarTime: Sendable, Equatable, CustomStringConvertible {
  private let fields: [Int]
  private let offsetMinutes: Int

  private init(fields: [Int], offsetMinutes: Int) {
    self.fields = fields
    self.offsetMinutes = offsetMinutes
  }

  /// Returns the present time in the local time zone.
  public static func now() -> CalendarTime {
    var seconds = time(nil)
    var local = tm()
    localtime_r(&seconds, &local)
    return CalendarTime(
      fields: [
        Int(local.tm_year) + 1900, Int(local.tm_mon) + 1, Int(local.tm_mday),
        Int(local.tm_hour), Int(local.tm_min), Int(local.tm_sec),
      ],
      offsetMinutes: local.tm_gmtoff / 60)
  }

  /// The fault of the machine's clock; nil where the clock's year is from 0 to 9999.
  ///
  /// In manifests, folder names and file names, years have four digits. A time with another year
  /// could not be read again, so this program must not write it.
  public static var problemOfClock: String? {
    let year = now().fields[0]
    return (0...9999).contains(year) ? nil : "the clock of this machine shows the year \(year)"
  }

  /// Reads a time of the form `2025-01-12T14:30:22+01:00`; nil for any other text.
  public init?(_ text: String) {
    let separators = [4: "-", 7: "-", 10: "T", 13: ":", 16: ":", 22: ":"]
    let characters = text.unicodeScalars.map { $0 }
    guard characters.count == 25,
      separators.allSatisfy({ String(characters[$0.key]) == $0.value }),
      let sign = ["+": 1, "-": -1][String(characters[19])]
    else { return nil }
    let starts = [0, 5, 8, 11, 14, 17, 20, 23]
    let numbers = starts.map { start in
      characters[start..<start + (start == 0 ? 4 : 2)].reduce(Int?(0)) { value, digit in
        guard let value, ("0"..."9").contains(digit) else { return nil }
        return value * 10 + Int(digit.value - 48)
      }
    }
    let known = numbers.compactMap(\.self)
    guard known.count == 8 else { return nil }
    self.init(fields: Array(known[..<6]), offsetMinutes: sign * (known[6] * 60 + known[7]))
  }

  /// The seconds since 1970 in UTC.
  public var secondsSince1970: Int64 {
    var moment = tm()
    moment.tm_year = Int32(fields[0] - 1900)
    moment.tm_mon = Int32(fields[1] - 1)
    moment.tm_mday = Int32(fields[2])
    moment.tm_hour = Int32(fields[3])
    moment.tm_min = Int32(fields[4])
    moment.tm_sec = Int32(fields[5])
    return Int64(timegm(&moment)) - Int64(offsetMinutes) * 60
  }

  /// The time in the form of a backup folder's name: `20250112_143022`.
  public var compact: String {
    let texts = fields.map { $0.padded }
    return texts[0..<3].joined() + "_" + texts[3...].joined()
  }

  /// The time as text: `2025-01-12T14:30:22+01:00`.
  public var description: String {
    let texts = fields.map { $0.padded }
    let sign = offsetMinutes < 0 ? "-" : "+"
    let zone = "\((abs(offsetMinutes) / 60).padded):\((abs(offsetMinutes) % 60).padded)"
    return texts[0..<3].joined(separator: "-") + "T" + texts[3...].joined(separator: ":") + sign
      + zone
  }
}

extension Int {
  /// The number as text with at least two digits.
  fileprivate var padded: String { self < 10 ? "0\(self)" : "\(self)" }
}
