internal import Clock
import Glibc

/// Waits with a time limit.
enum Polling {
  /// Evaluates `condition` repeatedly until it is true or the time is over; returns true where it
  /// became true.
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
