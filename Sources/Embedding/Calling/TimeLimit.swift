internal import Bounds
internal import Clock
internal import Synchronization

/// A moment after which questions are given up, for a while or never; set by one thread, looked at
/// wherever something is waited for.
final class TimeLimit: Sendable {
  private static let never = UInt64.max
  private let end = Atomic<UInt64>(never)

  /// True where there is a moment and it has come.
  var hasPassed: Bool {
    let end = end.load(ordering: .relaxed)
    return end != Self.never && MonotonicClock.nanoseconds() >= end
  }

  /// Sets it so many seconds from now.
  func begin(seconds: Double) {
    end.store(
      MonotonicClock.nanoseconds().addingSaturated(UInt64(saturating: seconds * 1e9)),
      ordering: .relaxed)
  }

  /// Takes it away.
  func lift() { end.store(Self.never, ordering: .relaxed) }
}
