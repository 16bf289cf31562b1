internal import Bounds
internal import Glibc

/// A point in time of a file system or the system's clock, in any year.
///
/// Nanoseconds since 1970 in one number would end in the year 2262; file systems allow later times.
public struct FileTime: Hashable, Comparable, Sendable {
  /// Whole seconds since 1970, negative before.
  public let seconds: Int64
  /// The nanoseconds in addition to the seconds.
  public let nanoseconds: Int32

  /// Creates a time from its parts.
  public init(seconds: Int64, nanoseconds: Int32 = 0) {
    self.seconds = seconds
    self.nanoseconds = nanoseconds
  }

  init(_ time: timespec) {
    self.init(seconds: Int64(time.tv_sec), nanoseconds: Int32(clamping: time.tv_nsec))
  }

  /// The present time of the system's clock.
  public static var now: FileTime {
    var time = timespec()
    clock_gettime(CLOCK_REALTIME, &time)
    return FileTime(time)
  }

  /// Returns whether the left time is earlier.
  public static func < (left: FileTime, right: FileTime) -> Bool {
    (left.seconds, left.nanoseconds) < (right.seconds, right.nanoseconds)
  }

  /// Computes the seconds since another time, negative where the other time is later.
  public func secondsSince(_ other: FileTime) -> Double {
    Double(seconds.subtractingSaturated(other.seconds))
      + Double(nanoseconds - other.nanoseconds) / 1e9
  }
}
