/// How often, and after which pauses, a question is asked again.
public struct RetryPolicy: Equatable, Sendable {
  /// Questions in all.
  public var attempts: Int
  /// Seconds before the second one; doubled before each further one.
  public var firstPause: Double
  /// The longest pause that is chosen here.
  public var longestPause: Double
  /// The longest pause that a service may ask for; one that asks for more ends the run.
  public var longestRequested: Double

  /// What suits public services.
  public init(
    attempts: Int = 6, firstPause: Double = 1, longestPause: Double = 30,
    longestRequested: Double = 120
  ) {
    self.attempts = attempts
    self.firstPause = firstPause
    self.longestPause = longestPause
    self.longestRequested = longestRequested
  }

  /// Seconds before the attempt after `attempt`, which counts from 1: half of it is chance, so that
  /// processes that were turned away together do not come back together.
  func pause(after attempt: Int, using generator: inout some RandomNumberGenerator) -> Double {
    var full = firstPause
    for _ in 1..<max(attempt, 1) where full < longestPause { full *= 2 }
    return min(full, longestPause) * Double.random(in: 0.5...1, using: &generator)
  }
}
