internal import Glibc

/// A clock that nobody can set; only the difference of two of its times has a meaning.
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
