internal import Bounds
internal import Glibc

/// A point in time as PostgreSQL stores it: microseconds since 2000-01-01 00:00 UTC.
public struct Timestamp: Hashable, Comparable, Sendable {
  /// The microseconds since 2000-01-01 00:00 UTC.
  public let microseconds: Int64

  /// Creates a point in time from microseconds since 2000-01-01 00:00 UTC.
  public init(microseconds: Int64) { self.microseconds = microseconds }

  /// Creates a point in time from whole seconds since 1970, as file systems count.
  ///
  /// A time that is too early or too late becomes the earliest or latest possible time.
  public init(secondsSince1970 seconds: Int64) {
    microseconds = seconds.subtractingSaturated(Self.epoch).multipliedSaturated(by: 1_000_000)
  }

  /// Creates a point in time from milliseconds since 1970.
  public init(millisecondsSince1970 milliseconds: Int) {
    microseconds = Int64(milliseconds).subtractingSaturated(Self.epoch * 1000)
      .multipliedSaturated(by: 1000)
  }

  /// The present time of the system's clock.
  public static var now: Timestamp {
    var time = timespec()
    clock_gettime(CLOCK_REALTIME, &time)
    return Timestamp(
      microseconds: Timestamp(secondsSince1970: Int64(time.tv_sec)).microseconds
        .addingSaturated(Int64(time.tv_nsec / 1000)))
  }

  /// The seconds from 1970 to 2000-01-01 00:00 UTC.
  public static let epoch: Int64 = 946_684_800

  /// The whole seconds since 1970, rounded down.
  public var secondsSince1970: Int64 { microseconds.quotient(by: 1_000_000) + Self.epoch }

  /// The whole milliseconds since 1970, rounded down.
  public var millisecondsSince1970: Int {
    Int(microseconds.quotient(by: 1000) + Self.epoch * 1000)
  }

  /// Returns true where the left point in time is earlier.
  public static func < (left: Timestamp, right: Timestamp) -> Bool {
    left.microseconds < right.microseconds
  }
}

extension Timestamp: CustomStringConvertible {
  /// The time in UTC as text, to the second, in the form of ISO 8601: `2025-01-12T14:30:22Z`.
  public var description: String {
    let time = DateAndTime(secondsSince1970: secondsSince1970)
    return "\(time.date(separator: "-"))T\(time.time(separator: ":"))Z"
  }
}
