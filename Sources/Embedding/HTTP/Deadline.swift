internal import Clock

/// A time after which something is abandoned.
struct Deadline {
  /// The whole length of the limit, for the message.
  let seconds: Int
  private let end: Double

  /// Creates a deadline this many seconds from now.
  init(seconds: Int) {
    self.seconds = seconds
    end = MonotonicClock.seconds() + Double(seconds)
  }

  /// The seconds that are left, 0 where none are.
  var left: Double { max(0, end - MonotonicClock.seconds()) }

  /// Returns the end of the first of several equal parts of the remaining time.
  func part(of count: Int) -> Deadline {
    let share = left / Double(count)
    return Deadline(seconds: Int(share.rounded(.up)), end: MonotonicClock.seconds() + share)
  }

  private init(seconds: Int, end: Double) {
    self.seconds = seconds
    self.end = end
  }
}
