internal import Bounds
internal import Clock
internal import Synchronization

/// The time after which requests are abandoned, if a limit is set; one thread sets the limit, and
/// every wait checks it.
final class TimeLimit: Sendable {
  private static let never = UInt64.max
  private let end = Atomic<UInt64>(never)

  /// True where a limit is set and has passed.
  var hasPassed: Bool {
    let end = end.load(ordering: .relaxed)
    return end != Self.never && MonotonicClock.nanoseconds() >= end
  }

  /// Sets the limit to this many seconds from now.
  func begin(seconds: Double) {
    end.store(
      MonotonicClock.nanoseconds().addingSaturated(UInt64(saturating: seconds * 1e9)),
      ordering: .relaxed)
  }

  /// Removes the limit.
  func remove() { end.store(Self.never, ordering: .relaxed) }
}
