internal import Glibc
internal import Postgres

/// The number of retries of a store, and the pauses before them, after an error that may be
/// temporary.
///
/// A retry always reads the ledger first, inside the transaction that holds the store's lock: where
/// a COMMIT's answer was lost, the retry finds the store in the ledger and writes nothing.
package struct Retry {
  /// The pauses in seconds, each with a small random addition so that many runs do not retry at the
  /// same moment; together they leave half a minute for a server that restarts.
  static let pauses = [0.25, 0.5, 1, 2, 4, 8, 8, 8]

  private let limit: Int
  private var tries = 0
  private var unknown: String?

  /// Returns the number of retries; `VECTOR_FERRY_RETRIES` may set another number.
  package static func limit(environment: [String: String]) -> Int {
    environment["VECTOR_FERRY_RETRIES"].flatMap { Int($0) } ?? pauses.count
  }

  /// Allows up to `limit` retries.
  init(limit: Int) { self.limit = min(limit, Self.pauses.count) }

  /// Returns the pause before the next retry; nil where the error is not temporary, or no retries
  /// are left.
  mutating func pause(after error: any Error) -> Double? {
    guard Self.isTemporary(error), tries < limit else { return nil }
    defer { tries += 1 }
    return Self.pauses[tries] * Double.random(in: 1...1.25)
  }

  /// Remembers an error of a try: where a COMMIT's answer was lost, the outcome is unknown until a
  /// later try has read the ledger.
  mutating func note(_ error: any Error) {
    if case .commitUnknown(let reason) = error as? PostgresError { unknown = reason }
  }

  /// Chooses the error to report: while the outcome of an earlier COMMIT is unknown, that error is
  /// reported, and not a later lost connection.
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
      remedy:
        "run again when the server is back: the ledger in the database shows what was committed")
  }

  private static func leavesOutcomeOpen(_ error: any Error) -> Bool {
    if error is Reconnection.NoSession { return true }
    switch error as? PostgresError {
    case .connectionLost, .commitUnknown, .unreachable, .interrupted: return true
    case .server(let server): return server.severity == "FATAL"
    default: return false
    }
  }

  /// Returns true for errors that may not occur again in a retry: lost connections, conflicts, a
  /// server that is still starting, a lock that a broken session of this run still holds.
  static func isTemporary(_ error: any Error) -> Bool {
    if let taken = error as? StoreLock.Taken { return taken.isOwn }
    return (error as? PostgresError)?.isTemporary ?? false
  }

  /// Waits for some seconds; returns false as soon as the operator wants to stop.
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
