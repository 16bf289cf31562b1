import Synchronization
import Testing

@testable import Ledger
@testable import Postgres

/// Tests which errors are tried again, the pauses between attempts, and the final report.
struct RetryTests {
  private static func server(_ sqlState: String, severity: String = "ERROR") -> PostgresError {
    .server(
      ServerError(
        severity: severity, sqlState: sqlState, message: "m", detail: nil, hint: nil, schema: nil,
        table: nil, constraint: nil, position: nil, statement: "SELECT"))
  }

  private static let lost = PostgresError.connectionLost(operation: "COPY", reason: "reset")
  private static let away = PostgresError.unreachable(database: "d", reason: "refused")
  private static let open = PostgresError.commitUnknown(reason: "reset")
  private static let noSession = Reconnection.NoSession(failure: Failure(.database, "no session"))
  private static func taken(isOwn: Bool) -> StoreLock.Taken {
    StoreLock.Taken(holder: nil, isOwn: isOwn)
  }

  static let errors: [(error: any Error, isRetried: Bool)] = [
    (lost, true), (away, true), (open, true),
    (server("40001"), true), (server("40P01"), true), (server("57P01"), true),
    (server("57P03"), true), (server("53300"), true), (server("08006"), true),
    (PostgresError.unreachable(database: "d", reason: "r", sqlState: "57P03"), true),
    (taken(isOwn: true), true),
    (taken(isOwn: false), false),
    (PostgresError.unreachable(database: "d", reason: "r", sqlState: "28P01"), false),
    (server("23505"), false), (server("57014"), false), (server("53100"), false),
    (PostgresError.interrupted, false),
    (PostgresError.configuration(source: "s", reason: "r"), false),
    (PostgresError.unexpected(operation: "o", what: "w"), false),
    (Failure(.source, "damaged"), false), (noSession, false),
  ]

  @Test func `only what may be over on another try is tried again`() {
    for (error, isRetried) in Self.errors {
      var retry = Retry(limit: 1)
      #expect((retry.pause(after: error) != nil) == isRetried, "\(error)")
      #expect(retry.pause(after: error) == nil, "the limit is one: \(error)")
    }
  }

  @Test func `pauses grow as they are listed, each by at most a quarter more`() {
    var retry = Retry(limit: 100)
    for pause in Retry.pauses {
      let found = retry.pause(after: Self.lost)
      #expect((pause...pause * 1.25).contains(found ?? -1))
    }
    #expect(retry.pause(after: Self.lost) == nil)
    #expect(Retry.pauses == Retry.pauses.sorted())
  }

  @Test(arguments: [
    ([:], Retry.pauses.count), (["VECTOR_FERRY_RETRIES": "0"], 0),
    (["VECTOR_FERRY_RETRIES": "3"], 3), (["VECTOR_FERRY_RETRIES": "many"], Retry.pauses.count),
  ])
  func `the environment may set another number`(environment: [String: String], limit: Int) {
    #expect(Retry.limit(environment: environment) == limit)
    var retry = Retry(limit: Retry.limit(environment: environment))
    #expect((retry.pause(after: Self.lost) != nil) == (limit > 0))
  }

  /// The last errors after a COMMIT without an answer, each with the beginning of the report.
  static let verdicts: [(last: any Error, kind: Failure.Kind, leavesOpen: Bool)] = [
    (lost, .database, true), (away, .database, true), (open, .database, true),
    (server("57P01", severity: "FATAL"), .database, true),
    (noSession, .database, true), (PostgresError.interrupted, .interrupted, true),
    (server("23505"), .database, false), (Failure(.source, "damaged"), .source, false),
    (taken(isOwn: false), .taken, false),
  ]

  @Test func `a COMMIT without an answer stays open until a later try has read the ledger`() {
    let commit = Failure(Self.open).reason
    for (last, kind, leavesOpen) in Self.verdicts {
      var retry = Retry(limit: 3)
      #expect(!Failure(retry.verdict(last)).reason.contains("outcome is unknown") || isOpen(last))
      retry.note(Self.open)
      retry.note(last)
      let verdict = Failure(retry.verdict(last))
      #expect(verdict.reason.hasPrefix(commit) == leavesOpen, "\(last)")
      #expect(verdict.kind == kind, "\(last)")
    }
  }

  private func isOpen(_ error: any Error) -> Bool {
    if case .commitUnknown = error as? PostgresError { true } else { false }
  }

  @Test func `where no session can be had any more, both are said`() {
    var retry = Retry(limit: 3)
    retry.note(Self.open)
    let verdict = Failure(retry.verdict(Self.noSession))
    #expect(verdict.reason == "\(Failure(Self.open).reason); since then no session")
  }

  @Test func `a wait ends as soon as the operator wants to stop`() {
    #expect(Retry.wait(0, isInterrupted: { false }))
    #expect(!Retry.wait(0, isInterrupted: { true }))
    let looks = Mutex(0)
    let isOver = Retry.wait(3600) {
      looks.withLock { looks in
        looks += 1
        return looks > 2
      }
    }
    #expect(!isOver && looks.withLock { $0 } == 3)
  }

  // Attempts that end without a new session open none.
  @Test func `refusals and stops end the attempts without a session`() {
    struct Case {
      let error: any Error
      let isInterrupted: Bool
      let kind: Failure.Kind
      let isRemembered: Bool
      let attempts: Int
    }
    let password = PostgresError.unreachable(database: "d", reason: "no", sqlState: "28P01")
    let cases = [
      Case(error: password, isInterrupted: false, kind: .database, isRemembered: true, attempts: 1),
      Case(
        error: PostgresError.interrupted, isInterrupted: false, kind: .interrupted,
        isRemembered: false, attempts: 1),
      Case(
        error: Self.away, isInterrupted: true, kind: .interrupted, isRemembered: false,
        attempts: 0),
      Case(
        error: Self.away, isInterrupted: false, kind: .database, isRemembered: true, attempts: 1),
    ]
    for test in cases {
      let attempts = Mutex(0)
      let events = Mutex(0)
      let (error, isInterrupted) = (test.error, test.isInterrupted)
      let reconnection = Reconnection(
        giveUpAfter: 0, isInterrupted: { isInterrupted },
        connect: {
          attempts.withLock { $0 += 1 }
          throw error
        }, report: { _ in events.withLock { $0 += 1 } })
      do {
        _ = try reconnection.open()
        Issue.record("a session was opened: \(test.error)")
      } catch {
        #expect(Failure(error).kind == test.kind, "\(test.error)")
      }
      #expect((reconnection.failure != nil) == test.isRemembered, "\(test.error)")
      #expect(attempts.withLock { $0 } == test.attempts, "\(test.error)")
      let isAway = (test.error as? PostgresError)?.saysServerIsAway == true && !isInterrupted
      #expect(events.withLock { $0 } == (isAway ? 1 : 0), "\(test.error)")
    }
  }
}
