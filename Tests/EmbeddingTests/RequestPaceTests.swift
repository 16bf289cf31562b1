import TestSupport
import Testing

@testable import Embedding

/// Tests the number of requests at once, and the pauses between requests.
struct RequestPaceTests {
  @Test func `the number doubles until the service has enough, then halves and grows by one`() {
    var pace = RequestPace(most: 16)
    #expect(pace.allowed == 4)
    for expected in [8, 16, 16] {
      for _ in 0..<pace.allowed { pace.noteAnswer() }
      #expect(pace.allowed == expected)
    }
    // Sixteen requests were sent before the first of them was refused.
    let halvings = (0..<16).map { _ in pace.noteTooMany(sentAfter: 0) }
    #expect(halvings == [true] + Array(repeating: false, count: 15))
    #expect(pace.allowed == 8)
    for _ in 0..<9 { pace.noteAnswer() }
    #expect(pace.allowed == 9)
    for slowdowns in 1..<9 { pace.noteTooMany(sentAfter: slowdowns) }
    #expect(pace.allowed == 1)
    for _ in 0..<400 { pace.noteAnswer() }
    #expect(pace.allowed == 16)
  }

  @Test func `one request at a time stays one`() {
    var pace = RequestPace(most: 1)
    for _ in 0..<10 { pace.noteAnswer() }
    #expect(pace.allowed == 1)
    pace.noteTooMany(sentAfter: 0)
    #expect(pace.allowed == 1)
    pace.pause(until: 7)
    pace.pause(until: 3)
    #expect(pace.pausedUntil == 7)
  }

  @Test func `pauses are random from half of the first to a limit that doubles`() {
    let policy = RetryPolicy(attempts: 9, firstPause: 1, longestPause: 30)
    var (one, other) = (SeededGenerator(seed: 5), SeededGenerator(seed: 5))
    for (attempt, limit) in [(1, 1.0), (2, 2), (3, 4), (5, 16), (6, 30), (60, 30)] {
      let pauses = (0..<400).map { _ in policy.pause(after: attempt, using: &one) }
      #expect(pauses.allSatisfy { $0 >= 0.5 && $0 <= limit })
      // The pauses are in the whole range, so that requests that were refused together are not
      // repeated together.
      #expect(pauses.contains { $0 > 0.9 * limit } && pauses.contains { $0 < 0.5 + 0.1 * limit })
      #expect(pauses == (0..<400).map { _ in policy.pause(after: attempt, using: &other) })
    }
  }

  @Test(
    arguments: [
      ("7", 7), ("0.5", 0.5), ("1e300", 1e9), ("Sun, 06 Nov 1994 08:49:37 GMT", 37),
      ("0", nil), ("-3", nil), ("nan", nil), ("soon", nil), ("Sun, 06 Nov 1994 08:48:59 GMT", nil),
      ("Sun, 06 Nov 1994 08:49:37", nil), ("Sun, 06 Foo 1994 08:49:37 GMT", nil),
      ("Sun, 06 Nov 1994 08:61:37 GMT", nil), ("Sun, 06 Nov +994 08:49:37 GMT", nil),
    ] as [(String, Double?)])
  func `Retry-After is read as seconds or as a date`(value: String, seconds: Double?) {
    // The present time is 1994-11-06 08:49:00 UTC.
    #expect(RequestedPause.seconds(value, now: 784_111_740) == seconds)
  }
}
