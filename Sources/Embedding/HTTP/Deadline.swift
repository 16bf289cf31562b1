internal import Glibc

/// A moment after which something is given up.
struct Deadline {
  /// How long it was from the beginning, for the message.
  let seconds: Int
  private let end: Double

  /// So many seconds from now.
  init(seconds: Int) {
    self.seconds = seconds
    end = Self.now() + Double(seconds)
  }

  /// Seconds that are left, 0 where none are.
  var left: Double { max(0, end - Self.now()) }

  /// The end of the first of several equal parts of the time that is left.
  func part(of count: Int) -> Deadline {
    let share = left / Double(count)
    return Deadline(seconds: Int(share.rounded(.up)), end: Self.now() + share)
  }

  private init(seconds: Int, end: Double) {
    self.seconds = seconds
    self.end = end
  }

  private static func now() -> Double {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
  }
}
