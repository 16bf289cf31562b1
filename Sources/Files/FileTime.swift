internal import Bounds
internal import Glibc

/// A point in time, of a file system or of the system's clock, in any year.
///
/// One number of nanoseconds since 1970 would be too small after the year 2262; file systems allow
/// later times.
public struct FileTime: Hashable, Comparable, Sendable {
  /// The whole seconds since 1970; negative for earlier times.
  public let seconds: Int64
  /// The nanoseconds to add to the seconds.
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

  /// Returns true where the left time is earlier.
  public static func < (left: FileTime, right: FileTime) -> Bool {
    (left.seconds, left.nanoseconds) < (right.seconds, right.nanoseconds)
  }

  /// Computes the seconds since another time; negative where the other time is later.
  public func secondsSince(_ other: FileTime) -> Double {
    Double(seconds.subtractingSaturated(other.seconds))
      + Double(nanoseconds - other.nanoseconds) / 1e9
  }
}
