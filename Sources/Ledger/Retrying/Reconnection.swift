internal import Clock
internal import Glibc
package import Postgres
internal import Synchronization

/// Opens new sessions where those of a run break; all workers of the run share one object of this
/// class.
///
/// While the server does not answer, one worker retries after longer and longer pauses, and the
/// others wait for its result. Where the server stays away longer than the operator allows, the
/// attempts end for all workers. They also end where the connection breaks again and again while no
/// store is completed.
package final class Reconnection: Sendable {
  /// The error that no session can be opened any more.
  struct NoSession: FailureCause {
    let failure: Failure
  }

  private let giveUpAfter: Int
  private let isInterrupted: @Sendable () -> Bool
  private let connect: @Sendable () throws -> Connection
  private let report: @Sendable (ServerEvent) -> Void
  private let absence: Mutex<ServerAbsence>

  package init(
    giveUpAfter: Int, isInterrupted: @escaping @Sendable () -> Bool,
    connect: @escaping @Sendable () throws -> Connection,
    report: @escaping @Sendable (ServerEvent) -> Void
  ) {
    self.giveUpAfter = giveUpAfter
    absence = Mutex(ServerAbsence(giveUpAfter: giveUpAfter))
    self.isInterrupted = isInterrupted
    self.connect = connect
    self.report = report
  }

  /// The reason why no session can be opened any more; nil while one may still be opened.
  package var failure: Failure? { absence.withLock { $0.failure } }

  /// Restarts the time limit, because the server has answered: a server that accepts no new
  /// sessions is still running.
  package func restartTimeLimit() {
    absence.withLock { $0.restartTimeLimit(at: MonotonicClock.seconds()) }
  }

  /// Resets the count of broken sessions, because a store was completed.
  package func completed() { absence.withLock { $0.completed(at: MonotonicClock.seconds()) } }

  /// Opens a new session in place of one that broke; also returns true where the server was away.
  ///
  /// Throws `NoSession` where no session can be opened.
  func open() throws -> (connection: Connection, wasAway: Bool) {
    let lostAt = MonotonicClock.seconds()
    absence.withLock { $0.lostSession(at: lostAt) }
    var wasAway = false
    while true {
      if isInterrupted() { throw PostgresError.interrupted }
      switch absence.withLock({ $0.next(at: MonotonicClock.seconds()) }) {
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

  private func noteAway(_ error: PostgresError, since lostAt: Double) {
    let isNews = absence.withLock { absence in
      absence.isAway(
        error.description, since: lostAt, at: MonotonicClock.seconds(),
        stretch: .random(in: 1...1.25))
    }
    if isNews { report(.away(Failure(error), giveUpAfter: giveUpAfter)) }
  }

  private func noteBack() {
    guard let since = absence.withLock({ $0.opened() }) else { return }
    report(.back(seconds: MonotonicClock.seconds() - since))
  }

  private func noteRefusal(_ error: any Error) throws -> Never {
    let failure = Failure(error)
    absence.withLock { $0.refused(failure) }
    if failure.kind == .interrupted { throw error }
    throw NoSession(failure: failure)
  }
}

extension Reconnection {
  /// Calls `body` until it succeeds or fails for good: on a new session where the session broke,
  /// and after longer and longer pauses where the server was always reachable.
  ///
  /// Time in which the server is away does not use up any of the `limit` tries.
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
