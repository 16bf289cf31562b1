internal import Bounds

/// The number of times that a request is sent again, and the pauses before.
public struct RetryPolicy: Equatable, Sendable {
  /// The largest number of times that a request is sent, the first time included.
  public var attempts: Int
  /// The longest pause before the second request in seconds; doubled before each further one.
  public var firstPause: Double
  /// The longest pause that this policy chooses, in seconds.
  public var longestPause: Double
  /// The longest pause that a service may demand, in seconds; a longer one ends the run.
  public var longestRequested: Double

  /// Creates a policy; the defaults suit public services.
  public init(
    attempts: Int = 6, firstPause: Double = 1, longestPause: Double = 30,
    longestRequested: Double = 120
  ) {
    self.attempts = attempts
    self.firstPause = firstPause
    self.longestPause = longestPause
    self.longestRequested = longestRequested
  }

  /// Computes the seconds before the attempt after `attempt`, which counts from 1.
  ///
  /// The pause is random up to its longest, so that requests that were refused at the same time are
  /// not sent again at the same time; half of the first pause is the least.
  func pause(after attempt: Int, using generator: inout some RandomNumberGenerator) -> Double {
    var full = firstPause
    for _ in 1..<max(attempt, 1) where full < longestPause { full *= 2 }
    let least = firstPause / 2
    return Double.random(in: least...max(least, min(full, longestPause)), using: &generator)
  }
}
