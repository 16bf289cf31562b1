internal import Bounds
import Glibc

/// A point in time, to the millisecond.
public struct Moment: Hashable, Comparable, Sendable {
  /// The milliseconds since 1970 in UTC.
  public let milliseconds: Int

  /// Creates a moment from its distance to 1970.
  public init(milliseconds: Int) { self.milliseconds = milliseconds }

  /// The present time of the system's clock.
  public static var now: Moment {
    var time = timespec()
    clock_gettime(CLOCK_REALTIME, &time)
    return Moment(
      milliseconds: time.tv_sec.multipliedSaturated(by: 1000)
        .addingSaturated(time.tv_nsec / 1_000_000))
  }

  /// Returns whether the left moment is earlier.
  public static func < (left: Moment, right: Moment) -> Bool {
    left.milliseconds < right.milliseconds
  }
}

extension Moment: CustomStringConvertible {
  /// The moment as ISO 8601 in UTC, to the second: `2025-01-12T14:30:22Z`.
  public var description: String {
    var seconds = time_t(milliseconds / 1000)
    var fields = tm()
    gmtime_r(&seconds, &fields)
    let date = [Int(fields.tm_year) + 1900, Int(fields.tm_mon) + 1, Int(fields.tm_mday)]
    let time = [fields.tm_hour, fields.tm_min, fields.tm_sec].map(Int.init)
    return date.map(Self.padded).joined(separator: "-") + "T"
      + time.map(Self.padded).joined(separator: ":") + "Z"
  }

  private static func padded(_ number: Int) -> String { (number < 10 ? "0" : "") + "\(number)" }
}
