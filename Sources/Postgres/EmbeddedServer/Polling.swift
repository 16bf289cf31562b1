internal import Clock
import Glibc

/// Bounded waiting.
enum Polling {
  /// Asks `condition` again and again until it holds or the time is over; says whether it held.
  @discardableResult
  static func wait(seconds: Int, for condition: () -> Bool) -> Bool {
    let end = MonotonicClock.seconds() + Double(seconds)
    var pause: UInt32 = 5_000
    while !condition() {
      if MonotonicClock.seconds() >= end { return false }
      usleep(pause)
      pause = min(pause * 2, 100_000)
    }
    return true
  }
}
