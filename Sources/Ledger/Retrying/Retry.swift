internal import Glibc
internal import Postgres

/// How often, and after what pauses, a store is tried again after an error that can pass.
///
/// A second try always asks the ledger first, inside the transaction that holds the store's lock:
/// where a COMMIT's answer was lost, it finds the store there and writes nothing.
package struct Retry {
  /// Pauses in seconds, each a little longer by chance, so that many runs do not come back at one
  /// moment; a server that restarts has half a minute.
  static let pauses = [0.25, 0.5, 1, 2, 4, 8, 8, 8]

  private let limit: Int
  private var tries = 0
  private var unknown: String?

  /// How many more tries there are; fewer where `VECTOR_FERRY_RETRIES` says so.
  package static func limit(environment: [String: String]) -> Int {
    environment["VECTOR_FERRY_RETRIES"].flatMap { Int($0) } ?? pauses.count
  }

  /// Up to `limit` more tries.
  init(limit: Int) { self.limit = min(limit, Self.pauses.count) }

  /// The pause before the next try; nil where the error stays, or there were tries enough.
  mutating func pause(after error: any Error) -> Double? {
    guard Self.canPass(error), tries < limit else { return nil }
    defer { tries += 1 }
    return Self.pauses[tries] * Double.random(in: 1...1.25)
  }

  /// Remembers an error of a try: where a COMMIT's answer was lost, nobody knows the outcome until
  /// a later try has asked the ledger.
  mutating func note(_ error: any Error) {
    if case .commitUnknown(let reason) = error as? PostgresError { unknown = reason }
  }

  /// What is said in the end: an error of a lost connection claims nothing about an earlier COMMIT
  /// whose outcome is unknown.
  func verdict(_ error: any Error) -> any Error {
    guard let unknown, Self.leavesOutcomeOpen(error) else { return error }
    let commit = Failure(PostgresError.commitUnknown(reason: unknown))
    let last = Failure(error)
    if last.kind == .interrupted {
      return Failure(.interrupted, commit.reason, remedy: commit.remedy)
    }
    guard error is Reconnection.NoSession else { return commit }
    return Failure(
      .database, "\(commit.reason); since then \(last.reason)",
      remedy: "run again when the server is back: the ledger in the database tells what was "
        + "committed")
  }

  private static func leavesOutcomeOpen(_ error: any Error) -> Bool {
    if error is Reconnection.NoSession { return true }
    switch error as? PostgresError {
    case .connectionLost, .commitUnknown, .unreachable, .interrupted: return true
    case .server(let server): return server.severity == "FATAL"
    default: return false
    }
  }

  /// True for what another try may not meet again: lost connections, conflicts, a server that
  /// is not up yet, a lock that this run's own lost session still holds.
  static func canPass(_ error: any Error) -> Bool {
    if let taken = error as? StoreLock.Taken { return taken.isOwn }
    return (error as? PostgresError)?.canPass ?? false
  }

  /// Waits; false as soon as the operator wants to stop.
  package static func wait(_ seconds: Double, isInterrupted: () -> Bool) -> Bool {
    var left = seconds
    while left > 0 {
      if isInterrupted() { return false }
      usleep(UInt32(min(left, 0.05) * 1e6))
      left -= 0.05
    }
    return !isInterrupted()
  }
}
