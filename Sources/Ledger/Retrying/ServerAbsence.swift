/// Decides what workers do after their sessions broke; the decisions depend only on the times and
/// failures that this value is given.
///
/// Times are those of the monotonic clock, in seconds.
struct ServerAbsence: Sendable {
  /// The next step of a worker without a session.
  enum Step: Equatable {
    /// The worker tries to open a session.
    case attempt
    /// The worker waits and asks again, because another worker is trying to open a session, or the
    /// pause is not over.
    case wait
    /// The worker gives up.
    case giveUp(Failure)
  }

  /// The first pause between two attempts, in seconds; each pause is twice as long as the one
  /// before, up to `longestPause`.
  static let firstPause = 0.25
  static let longestPause = 5.0
  /// The number of sessions that must break before attempts may end; fewer broken sessions may be
  /// chance.
  static let lossesInARow = 5

  /// The number of seconds to wait for a server that does not answer.
  private let giveUpAfter: Int
  private var awaySince: Double?
  private var lastReason = ""
  private var trying = 0
  private var tries = 0
  private var nextTry = 0.0
  /// The number of sessions that broke since a store was last completed.
  private var losses = 0
  /// The time when the first of the counted sessions broke; nil where none broke.
  private var firstLoss: Double?
  /// The reason why no session can be opened any more; nil while one may still be opened.
  private(set) var failure: Failure?

  init(giveUpAfter: Int) { self.giveUpAfter = giveUpAfter }

  /// Restarts the time limit, because the server has answered.
  mutating func restartTimeLimit(at now: Double) {
    if awaySince != nil { awaySince = now }
  }

  /// Resets the count of broken sessions, because a store was completed.
  mutating func completed(at now: Double) {
    restartTimeLimit(at: now)
    losses = 0
    firstLoss = nil
  }

  /// Counts a session that broke, and ends all attempts where too many broke over too long a time.
  mutating func lostSession(at now: Double) {
    losses += 1
    let first = firstLoss ?? now
    firstLoss = first
    let limit = Double(max(2 * giveUpAfter, 10))
    guard losses >= Self.lossesInARow, now - first > limit, failure == nil else { return }
    failure = Failure(
      .database,
      "the connection broke \(losses) times in \(Int(now - first)) seconds, and no store "
        + "was completed meanwhile",
      remedy: "repair the network between here and the server, then run again")
  }

  /// Decides the next step of a worker; after an attempt, `isAway`, `opened` or `refused` must be
  /// called.
  mutating func next(at now: Double) -> Step {
    if let failure { return .giveUp(failure) }
    if let since = awaySince {
      if now - since >= Double(giveUpAfter) {
        let failure = Failure(
          .database, "the server has not answered for \(giveUpAfter) seconds: \(lastReason)",
          remedy: "nothing more was committed; run again when the server is back")
        self.failure = failure
        return .giveUp(failure)
      }
      guard trying == 0, now >= nextTry else { return .wait }
    }
    trying += 1
    return .attempt
  }

  /// Notes that the server does not answer; returns true where that is new.
  ///
  /// - Parameters:
  ///   - lostAt: the time when the worker's session broke, so that the duration of the attempt
  ///     counts as well.
  ///   - stretch: the factor, at least 1, that makes the pause longer, so that not all workers try
  ///     again at once.
  mutating func isAway(_ reason: String, since lostAt: Double, at now: Double, stretch: Double)
    -> Bool
  {
    let isNews = awaySince == nil
    if isNews {
      awaySince = lostAt
      tries = 0
    }
    trying -= 1
    lastReason = reason
    let pause = min(Self.firstPause * Double(1 << min(tries, 10)), Self.longestPause)
    nextTry = now + pause * stretch
    tries += 1
    return isNews
  }

  /// Notes that a session was opened; returns the time since when the server was away, or nil where
  /// it was not away.
  mutating func opened() -> Double? {
    trying -= 1
    failure = nil
    defer { awaySince = nil }
    return awaySince
  }

  /// Notes an error that waiting cannot change; the error ends the attempts of all workers, unless
  /// the operator asked to stop.
  mutating func refused(_ failure: Failure) {
    trying -= 1
    if failure.kind != .interrupted { self.failure = failure }
  }
}
