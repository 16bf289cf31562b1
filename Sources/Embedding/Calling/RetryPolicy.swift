/// How often, and after which pauses, a request is sent again.
public struct RetryPolicy: Equatable, Sendable {
  /// How many times a request is sent at most, the first time included.
  public var attempts: Int
  /// The seconds before the second request; doubled before each further one.
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
  /// Half of the pause is random, so that processes that were refused at the same time do not send
  /// again at the same time.
  func pause(after attempt: Int, using generator: inout some RandomNumberGenerator) -> Double {
    var full = firstPause
    for _ in 1..<max(attempt, 1) where full < longestPause { full *= 2 }
    return min(full, longestPause) * Double.random(in: 0.5...1, using: &generator)
  }
}
