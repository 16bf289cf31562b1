internal import Bounds
internal import Glibc

/// A moment as a file system or the system's clock tells it, in any year.
///
/// Nanoseconds since 1970 in one number end in the year 2262; file systems go on.
public struct FileTime: Hashable, Comparable, Sendable {
  /// Whole seconds since 1970, negative before.
  public let seconds: Int64
  /// What comes on top of them.
  public let nanoseconds: Int32

  /// A moment from its parts.
  public init(seconds: Int64, nanoseconds: Int32 = 0) {
    self.seconds = seconds
    self.nanoseconds = nanoseconds
  }

  init(_ time: timespec) {
    self.init(seconds: Int64(time.tv_sec), nanoseconds: Int32(clamping: time.tv_nsec))
  }

  /// What the system's clock shows.
  public static var now: FileTime {
    var time = timespec()
    clock_gettime(CLOCK_REALTIME, &time)
    return FileTime(time)
  }

  /// The earlier one is less.
  public static func < (left: FileTime, right: FileTime) -> Bool {
    (left.seconds, left.nanoseconds) < (right.seconds, right.nanoseconds)
  }

  /// Seconds from an earlier moment to this one, negative where that one is later.
  public func secondsSince(_ other: FileTime) -> Double {
    Double(seconds.subtractingSaturated(other.seconds))
      + Double(nanoseconds - other.nanoseconds) / 1e9
  }
}
