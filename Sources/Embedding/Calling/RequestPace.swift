/// The number of requests that may be under way at once: few at first, more while the service
/// answers, half as many when the service has enough.
struct RequestPace: Equatable {
  /// The number that is never exceeded.
  let most: Int
  private var level: Double
  /// True until the service has said for the first time that it has enough.
  private var isDoubling = true
  /// The number of times that the service had enough; requests note it when they are sent.
  private(set) var slowdowns = 0
  /// The time before which nothing is sent, because the service asked for it.
  private(set) var pausedUntil = 0.0

  /// Creates a pace that begins with four requests.
  init(most: Int) {
    self.most = max(most, 1)
    level = Double(min(self.most, 4))
  }

  /// The number of requests that may be under way now.
  var allowed: Int { Int(level) }

  /// Notes an answer: the number doubles with every round of answers, and later grows by one.
  mutating func noteAnswer() {
    level = min(Double(most), level + (isDoubling ? 1 : 1 / level))
  }

  /// Notes that the service had enough, and halves the number: once for all requests that were sent
  /// before it was halved last.
  ///
  /// - Returns: false where the number was halved for a request of the same time already.
  @discardableResult
  mutating func noteTooMany(sentAfter slowdowns: Int) -> Bool {
    guard slowdowns == self.slowdowns else { return false }
    level = max(1, (level / 2).rounded(.down))
    isDoubling = false
    self.slowdowns += 1
    return true
  }

  /// Sends nothing before a time.
  mutating func pause(until time: Double) { pausedUntil = max(pausedUntil, time) }
}
