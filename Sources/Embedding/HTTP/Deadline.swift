internal import Clock

/// A moment after which something is given up.
struct Deadline {
  /// How long it was from the beginning, for the message.
  let seconds: Int
  private let end: Double

  /// So many seconds from now.
  init(seconds: Int) {
    self.seconds = seconds
    end = MonotonicClock.seconds() + Double(seconds)
  }

  /// Seconds that are left, 0 where none are.
  var left: Double { max(0, end - MonotonicClock.seconds()) }

  /// The end of the first of several equal parts of the time that is left.
  func part(of count: Int) -> Deadline {
    let share = left / Double(count)
    return Deadline(seconds: Int(share.rounded(.up)), end: MonotonicClock.seconds() + share)
  }

  private init(seconds: Int, end: Double) {
    self.seconds = seconds
    self.end = end
  }
}
