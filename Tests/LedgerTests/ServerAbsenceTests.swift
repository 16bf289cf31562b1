import Testing

@testable import Ledger

/// Tests workers whose sessions have ended, by tables of events at each second.
struct ServerAbsenceTests {
  /// An event at a time, or a question of a worker.
  enum Event: Sendable {
    case lost
    case next(Answer)
    /// An attempt found no server; `isNews` is true where this is reported.
    case away(isNews: Bool)
    /// An attempt opened a session; `since` is the time from which the server was away.
    case opened(since: Double?)
    case refused, stopped, heard, completed
  }

  /// The next step of a worker, without the words of a failure.
  enum Answer: Sendable { case attempt, wait, giveUp }

  struct Case: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let giveUpAfter: Int
    let events: [(at: Double, event: Event)]

    init(_ name: String, giveUpAfter: Int = 60, _ events: (at: Double, event: Event)...) {
      testDescription = name
      self.giveUpAfter = giveUpAfter
      self.events = events
    }
  }

  static let cases = [
    Case(
      "a server that answers is asked once", (0, .lost), (0, .next(.attempt)),
      (0.1, .opened(since: nil))),
    Case(
      "while it answers, workers do not wait for each other", (0, .lost), (0, .next(.attempt)),
      (0, .next(.attempt)), (0, .opened(since: nil)), (0, .opened(since: nil))),
    Case(
      "pauses double up to five seconds", (0, .lost), (0, .next(.attempt)),
      (0, .away(isNews: true)), (0.24, .next(.wait)), (0.25, .next(.attempt)),
      (1, .away(isNews: false)), (1.49, .next(.wait)), (1.5, .next(.attempt)),
      (2, .away(isNews: false)), (2.9, .next(.wait)), (3, .next(.attempt)),
      (3, .away(isNews: false)), (4.9, .next(.wait)), (5, .next(.attempt)),
      (5, .away(isNews: false)), (8.9, .next(.wait)), (9, .next(.attempt)),
      (9, .away(isNews: false)), (13.9, .next(.wait)), (14, .next(.attempt)),
      (14, .away(isNews: false)), (18.9, .next(.wait)), (19, .next(.attempt))),
    Case(
      "one worker tries, the others wait for it", (0, .lost), (0, .lost), (0, .next(.attempt)),
      (0, .away(isNews: true)), (1, .next(.attempt)), (1, .next(.wait)), (9, .next(.wait)),
      (9, .opened(since: 0)), (9, .next(.attempt))),
    Case(
      "the limit counts from the loss, not from the first attempt", giveUpAfter: 10, (5, .lost),
      (6, .next(.attempt)), (12, .away(isNews: true)), (14.9, .next(.attempt)),
      (14.9, .away(isNews: false)), (15, .next(.giveUp)), (99, .next(.giveUp))),
    Case(
      "with a limit of zero nobody waits", giveUpAfter: 0, (0, .lost), (0, .next(.attempt)),
      (0, .away(isNews: true)), (0, .next(.giveUp))),
    Case(
      "a server that is heard of meanwhile gets the whole time again", giveUpAfter: 10, (0, .lost),
      (0, .next(.attempt)), (0, .away(isNews: true)), (9, .heard), (12, .next(.attempt)),
      (12, .away(isNews: false)), (18.9, .next(.attempt)), (18.9, .away(isNews: false)),
      (19, .next(.giveUp))),
    Case(
      "a server that is back and goes again has its short pauses again", (0, .lost),
      (0, .next(.attempt)), (0, .away(isNews: true)), (1, .next(.attempt)),
      (1, .away(isNews: false)), (2, .next(.attempt)), (2, .opened(since: 0)), (30, .lost),
      (30, .next(.attempt)), (30, .away(isNews: true)), (30.2, .next(.wait)),
      (30.25, .next(.attempt))),
    Case(
      "what waiting cannot change ends the attempts of all", (0, .lost), (0, .next(.attempt)),
      (0, .next(.attempt)), (0, .refused), (0, .next(.giveUp))),
    Case(
      "a stop ends only the attempt that it meets", (0, .lost), (0, .next(.attempt)),
      (0, .stopped), (0, .next(.attempt))),
    Case(
      "a session that another worker opens makes up for a refusal", (0, .lost),
      (0, .next(.attempt)), (0, .next(.attempt)), (0, .refused), (0, .opened(since: nil)),
      (0, .next(.attempt))),
    Case(
      "five losses in a row over more than twice the limit are too many", giveUpAfter: 10,
      (0, .lost), (5, .lost), (10, .lost), (15, .lost), (20, .lost), (20, .next(.attempt)),
      (20, .opened(since: nil)), (20.1, .lost), (20.1, .next(.giveUp))),
    Case(
      "four may be chance, however long they take", giveUpAfter: 10, (0, .lost), (100, .lost),
      (200, .lost), (300, .lost), (300, .next(.attempt))),
    Case(
      "with a short limit it takes more than ten seconds", giveUpAfter: 0, (0, .lost), (1, .lost),
      (2, .lost), (3, .lost), (10, .lost), (10, .next(.attempt)), (10, .opened(since: nil)),
      (10.1, .lost), (10.1, .next(.giveUp))),
    Case(
      "a completed store makes them count from the beginning", giveUpAfter: 10, (0, .lost),
      (10, .lost), (20, .lost), (30, .lost), (31, .completed), (40, .lost), (70, .lost),
      (70, .next(.attempt))),
  ]

  @Test(arguments: cases)
  func `each worker does what the others have met`(_ test: Case) {
    var absence = ServerAbsence(giveUpAfter: test.giveUpAfter)
    // The time at which the worker of the attempt lost its session.
    var lostAt = 0.0
    for (number, (now, event)) in test.events.enumerated() {
      let place: Comment = "event \(number) at \(now)"
      switch event {
      case .lost:
        absence.lostSession(at: now)
        lostAt = now
      case .next(let expected): #expect(answer(absence.next(at: now)) == expected, place)
      case .away(let isNews):
        let isNew = absence.isAway("nobody", since: lostAt, at: now, stretch: 1)
        #expect(isNew == isNews, place)
      case .opened(let since): #expect(absence.opened() == since, place)
      case .refused: absence.refused(Failure(.database, "wrong password"))
      case .stopped: absence.refused(Failure(.interrupted, "interrupted"))
      case .heard: absence.restartTimeLimit(at: now)
      case .completed: absence.completed(at: now)
      }
    }
  }

  private func answer(_ step: ServerAbsence.Step) -> Answer {
    switch step {
    case .attempt: .attempt
    case .wait: .wait
    case .giveUp: .giveUp
    }
  }

  @Test func `the reasons say what was met last`() {
    var absence = ServerAbsence(giveUpAfter: 3)
    absence.lostSession(at: 0)
    _ = absence.next(at: 0)
    _ = absence.isAway("no route", since: 0, at: 0, stretch: 1.25)
    #expect(absence.next(at: 0.3) == .wait, "the pause is stretched to 0.3125")
    #expect(absence.next(at: 0.32) == .attempt)
    _ = absence.isAway("connection refused", since: 0, at: 3, stretch: 1)
    #expect(absence.failure == nil)
    _ = absence.next(at: 4)
    #expect(
      absence.failure?.reason == "the server has not answered for 3 seconds: connection refused")
    #expect(absence.failure?.kind == .database)
  }
}
