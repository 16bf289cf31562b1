internal import Glibc

/// The rules of a time zone: the offset from UTC for each point in time.
public struct LocalTime: Sendable {
  private let offset: @Sendable (Int64) -> Int64

  /// Creates rules from a function that returns the offset, in seconds east of UTC, for a number of
  /// seconds since 1970.
  public init(offset: @escaping @Sendable (Int64) -> Int64) { self.offset = offset }

  /// The time zone of this process: that of `TZ`, or the system's.
  public static let system: LocalTime = {
    tzset()
    return LocalTime { seconds in
      var time = time_t(seconds)
      var fields = tm()
      // `localtime_r` fails only where the year does not fit into 32 bits.
      return localtime_r(&time, &fields) == nil ? 0 : Int64(fields.tm_gmtoff)
    }
  }()

  /// Finds the point in time, in seconds since 1970, at which local clocks show `wall`.
  ///
  /// `wall` is the local time, counted as if it were UTC. Where clocks were set back and there are
  /// two such points, the result is the earlier point; where there is no such point, because clocks
  /// were set forward, the offset before the change applies. This is the result of Python's
  /// `datetime.timestamp()` (PEP 495, fold 0); glibc's `mktime` would depend on earlier calls.
  public func seconds(ofWall wall: Int64) -> Int64 {
    let first = offset(wall)
    let isFirst = offset(wall - first) == first
    // The second offset to try; it differs from the first only where clocks change near this time.
    let second = isFirst ? offset(wall - first - Self.day) : offset(wall - first)
    if isFirst && second == first { return wall - first }
    if offset(wall - second) == second { return wall - second }
    return isFirst ? wall - first : max(wall - first, wall - second)
  }

  private static let day: Int64 = 24 * 3600
}
