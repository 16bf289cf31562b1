import Glibc

/// Bounded waiting.
enum Patience {
  /// Asks `condition` again and again until it holds or the time is over; says whether it held.
  @discardableResult
  static func wait(seconds: Int, for condition: () -> Bool) -> Bool {
    let end = now + Double(seconds)
    var pause: UInt32 = 5_000
    while !condition() {
      if now >= end { return false }
      usleep(pause)
      pause = min(pause * 2, 100_000)
    }
    return true
  }

  private static var now: Double {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
  }
}
