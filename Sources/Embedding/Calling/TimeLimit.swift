internal import Bounds
internal import Glibc
internal import Synchronization

/// A moment after which questions are given up, for a while or never; set by one thread, looked at
/// wherever something is waited for.
final class TimeLimit: Sendable {
  private static let never = UInt64.max
  private let end = Atomic<UInt64>(never)

  /// True where there is a moment and it has come.
  var hasPassed: Bool {
    let end = end.load(ordering: .relaxed)
    return end != Self.never && Self.now() >= end
  }

  /// Sets it so many seconds from now.
  func begin(seconds: Double) {
    end.store(Self.now().addingSaturated(UInt64(saturating: seconds * 1e9)), ordering: .relaxed)
  }

  /// Takes it away.
  func lift() { end.store(Self.never, ordering: .relaxed) }

  /// Nanoseconds of the clock that nobody sets.
  private static func now() -> UInt64 {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return UInt64(clamping: time.tv_sec).multipliedSaturated(by: 1_000_000_000)
      .addingSaturated(UInt64(clamping: time.tv_nsec))
  }
}
