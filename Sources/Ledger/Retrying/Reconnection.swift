internal import Clock
internal import Glibc
package import Postgres
internal import Synchronization

/// Opens new sessions where those of a run break; all workers of the run share it.
///
/// While the server does not answer, one worker retries after longer and longer pauses, and the
/// others wait for its result. Where the server stays away longer than the operator allows, the
/// attempts end for all workers. They also end where the connection breaks again and again while no
/// store is completed.
package final class Reconnection: Sendable {
  /// The error where no session can be opened any more.
  struct NoSession: FailureCause {
    let failure: Failure
  }

  private struct State {
    var awaySince: Double?
    var lastReason = ""
    var trying = 0
    var tries = 0
    var nextTry = 0.0
    var failure: Failure?
    /// Since a store was last completed: how many sessions broke, and when the first one did.
    var losses = 0
    var firstLoss: Double?
  }

  private let giveUpAfter: Int
  private let isInterrupted: @Sendable () -> Bool
  private let connect: @Sendable () throws -> Connection
  private let report: @Sendable (ServerEvent) -> Void
  private let state = Mutex(State())

  /// Pauses double from this one on, each with a small random addition, up to `longestPause`
  /// seconds.
  private static let firstPause = 0.25
  private static let longestPause = 5.0
  /// Fewer losses in a row may be chance, however long they took.
  private static let lossesInARow = 5

  package init(
    giveUpAfter: Int, isInterrupted: @escaping @Sendable () -> Bool,
    connect: @escaping @Sendable () throws -> Connection,
    report: @escaping @Sendable (ServerEvent) -> Void
  ) {
    self.giveUpAfter = giveUpAfter
    self.isInterrupted = isInterrupted
    self.connect = connect
    self.report = report
  }

  /// Why no session can be opened any more; nil while it is still possible.
  package var failure: Failure? { state.withLock { $0.failure } }

  /// Restarts the time limit, because the server has answered: a server that accepts no new
  /// sessions is still running.
  package func restartTimeLimit() {
    state.withLock { state in
      if state.awaySince != nil { state.awaySince = MonotonicClock.seconds() }
    }
  }

  /// Resets the count of broken sessions, because a store was completed.
  package func completed() {
    restartTimeLimit()
    state.withLock { state in
      state.losses = 0
      state.firstLoss = nil
    }
  }

  /// Opens a new session in place of one that broke; also says whether the server was away.
  ///
  /// Throws `NoSession` where no session can be opened.
  func open() throws -> (connection: Connection, wasAway: Bool) {
    let lostAt = noteLoss()
    var wasAway = false
    while true {
      if isInterrupted() { throw PostgresError.interrupted }
      switch nextStep() {
      case .giveUp(let failure): throw NoSession(failure: failure)
      case .wait:
        wasAway = true
        usleep(50_000)
      case .attempt:
        do {
          let connection = try connect()
          noteBack()
          return (connection, wasAway)
        } catch let error as PostgresError where error.saysServerIsAway {
          wasAway = true
          noteAway(error, since: lostAt)
        } catch {
          try noteRefusal(error)
        }
      }
    }
  }

  private enum Step {
    case attempt, wait
    case giveUp(Failure)
  }

  private func nextStep() -> Step {
    state.withLock { state in
      if let failure = state.failure { return .giveUp(failure) }
      let now = MonotonicClock.seconds()
      if let since = state.awaySince {
        if now - since >= Double(giveUpAfter) {
          let failure = gone(state)
          state.failure = failure
          return .giveUp(failure)
        }
        guard state.trying == 0, now >= state.nextTry else { return .wait }
      }
      state.trying += 1
      return .attempt
    }
  }

  private func gone(_ state: State) -> Failure {
    Failure(
      .database, "the server has not answered for \(giveUpAfter) seconds: \(state.lastReason)",
      remedy: "nothing more was committed; run again when the server is back")
  }

  /// Counts a session that broke, and ends all attempts where too many broke over too long a time;
  /// returns the time of the loss.
  private func noteLoss() -> Double {
    let now = MonotonicClock.seconds()
    state.withLock { state in
      state.losses += 1
      let first = state.firstLoss ?? now
      state.firstLoss = first
      let limit = Double(max(2 * giveUpAfter, 10))
      guard state.losses >= Self.lossesInARow, now - first > limit, state.failure == nil else {
        return
      }
      state.failure = Failure(
        .database,
        "the connection broke \(state.losses) times in \(Int(now - first)) seconds, and no store "
          + "was completed meanwhile",
        remedy: "repair the network between here and the server, then run again")
    }
    return now
  }

  /// Notes that the server does not answer; the time that the attempt took counts as well.
  private func noteAway(_ error: PostgresError, since lostAt: Double) {
    let isNews = state.withLock { state in
      let now = MonotonicClock.seconds()
      let isNews = state.awaySince == nil
      if isNews {
        state.awaySince = lostAt
        state.tries = 0
      }
      state.trying -= 1
      state.lastReason = error.description
      let pause = min(Self.firstPause * Double(1 << min(state.tries, 10)), Self.longestPause)
      state.nextTry = now + pause * Double.random(in: 1...1.25)
      state.tries += 1
      return isNews
    }
    if isNews { report(.away(Failure(error), giveUpAfter: giveUpAfter)) }
  }

  private func noteBack() {
    let since = state.withLock { state in
      state.trying -= 1
      state.failure = nil
      defer { state.awaySince = nil }
      return state.awaySince
    }
    if let since { report(.back(seconds: MonotonicClock.seconds() - since)) }
  }

  /// Notes an error that waiting cannot change; it ends the attempts of all workers.
  private func noteRefusal(_ error: any Error) throws -> Never {
    let failure = Failure(error)
    let isFinal = failure.kind != .interrupted
    state.withLock { state in
      state.trying -= 1
      if isFinal { state.failure = failure }
    }
    if isFinal { throw NoSession(failure: failure) }
    throw error
  }
}

extension Reconnection {
  /// Calls `body` until it succeeds or fails for good: on a new session where one broke, and after
  /// longer and longer pauses where the server was reachable all the time.
  ///
  /// Waiting for a server that is away uses none of the `limit` tries.
  package func persist<Result>(
    on connection: inout Connection, limit: Int, retried: (Failure, Double) -> Void,
    _ body: (Connection) throws -> Result
  ) throws -> Result {
    var retry = Retry(limit: limit)
    while true {
      do {
        if !connection.isUsable { connection = try open().connection }
        return try body(connection)
      } catch {
        retry.note(error)
        guard Retry.isTemporary(error), !(error is NoSession) else { throw retry.verdict(error) }
        do {
          if !connection.isUsable {
            let (opened, wasAway) = try open()
            connection = opened
            if wasAway { continue }
          }
          guard let pause = retry.pause(after: error) else { throw error }
          retried(Failure(error), pause)
          guard Retry.wait(pause, isInterrupted: isInterrupted) else {
            throw PostgresError.interrupted
          }
        } catch {
          throw retry.verdict(error)
        }
      }
    }
  }
}
