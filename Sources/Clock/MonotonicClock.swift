internal import Glibc

/// A clock that nobody can set; its times have a meaning only as differences, until the machine is
/// started again.
public enum MonotonicClock {
  /// Returns the time in seconds.
  public static func seconds() -> Double {
    let time = read()
    return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
  }

  /// Returns the time in whole nanoseconds.
  public static func nanoseconds() -> UInt64 {
    let time = read()
    return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
  }

  private static func read() -> timespec {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return time
  }
}
