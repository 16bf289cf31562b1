import Backups
import Files
import Ledger
import Stores
import Synchronization
import TestSupport
import Testing

@testable import Migration

/// Tests the time for which a run waits for files, with clocks that the tests set.
struct QuietPeriodTests {
  /// Clocks that advance only by the waits.
  private final class Clocks: Sendable {
    struct State {
      var now: FileTime
      var moment = ContinuousClock.now
      var waits: [Double] = []
    }

    let state: Mutex<State>
    /// Called after each wait.
    let afterWait: @Sendable (Int) -> Void

    init(at now: FileTime, afterWait: @escaping @Sendable (Int) -> Void = { _ in }) {
      state = Mutex(State(now: now))
      self.afterWait = afterWait
    }

    var waits: [Double] { state.withLock { $0.waits } }

    /// Lets time pass on both clocks.
    func pass(_ seconds: Double) {
      state.withLock { state in
        let whole = Int64(seconds.rounded(.down))
        let rest = Int32((seconds - Double(whole)) * 1e9) + state.now.nanoseconds
        state.now = FileTime(
          seconds: state.now.seconds + whole + Int64(rest / 1_000_000_000),
          nanoseconds: rest % 1_000_000_000)
        state.moment += .seconds(seconds)
      }
    }

    var time: QuietPeriod.Time {
      QuietPeriod.Time(
        now: { self.state.withLock { $0.now } }, moment: { self.state.withLock { $0.moment } },
        wait: { seconds, isInterrupted in
          self.pass(seconds)
          let number = self.state.withLock { state in
            state.waits.append(seconds)
            return state.waits.count
          }
          self.afterWait(number)
          return !isInterrupted()
        })
    }
  }

  private static func folders() throws -> StoreFolders {
    try StoreFolders(["notes": .documents(2)])
  }

  /// Returns the time at which the later of the two files was changed.
  private static func changed(_ store: FoundStore) throws -> FileTime {
    let folder = try store.open()
    let times = try store.files.compactMap { try folder.facts(named: $0.name)?.changed }
    return try #require(times.max())
  }

  private static func later(_ time: FileTime, by seconds: Int64) -> FileTime {
    FileTime(seconds: time.seconds + seconds, nanoseconds: time.nanoseconds)
  }

  private static func period(
    _ seconds: String?, _ clocks: Clocks, isInterrupted: @escaping @Sendable () -> Bool = { false }
  ) -> QuietPeriod {
    QuietPeriod(
      environment: seconds.map { ["VECTOR_FERRY_QUIET_SECONDS": $0] } ?? [:], time: clocks.time,
      isInterrupted: isInterrupted)
  }

  /// The cases have the period, the files' age when they are read, whether they were looked at
  /// before, the seconds since then, and the expected wait.
  @Test(
    arguments: [
      (period: nil, age: 0, looked: false, since: 0.0, wait: 2.0),
      (period: nil, age: 1, looked: false, since: 0, wait: 1),
      (period: nil, age: 2, looked: false, since: 0, wait: 0),
      (period: nil, age: 3000, looked: false, since: 0, wait: 0),
      (period: "10", age: 3, looked: false, since: 0, wait: 7),
      (period: "0.5", age: 0, looked: false, since: 0, wait: 0.5),
      (period: "0", age: 0, looked: false, since: 0, wait: 0),
      (period: "0", age: -50, looked: true, since: 0, wait: 0),
      // Where the clock is behind the files' times, the wait is the whole period and not more.
      (period: nil, age: -50, looked: false, since: 0, wait: 2),
      (period: nil, age: -50, looked: true, since: 0, wait: 2),
      (period: nil, age: -50, looked: true, since: 1.5, wait: 0.5),
      (period: nil, age: -50, looked: true, since: 2, wait: 0),
      // For files of the past, the age decides, and not whether they were looked at.
      (period: nil, age: 0, looked: true, since: 0, wait: 2),
      (period: nil, age: 0, looked: true, since: 1.5, wait: 0.5),
    ] as [(period: String?, age: Int64, looked: Bool, since: Double, wait: Double)])
  func `what is left of the period is waited for`(
    period: String?, age: Int64, looked: Bool, since: Double, wait: Double
  ) throws {
    let folders = try Self.folders()
    let store = try folders.found("notes")
    let clocks = Clocks(at: Self.later(try Self.changed(store), by: age))
    let quiet = Self.period(period, clocks)
    if looked { quiet.look(at: [store]) }
    clocks.pass(since)
    #expect(try quiet.digest(of: store) == SourceDigest(of: store))
    #expect(clocks.waits.count == 1)
    #expect(abs((clocks.waits.first ?? -1) - wait) < 0.001, "\(clocks.waits)")
  }

  @Test func `files that change during the wait are waited for again`() throws {
    let folders = try Self.folders()
    let store = try folders.found("notes")
    let clocks = Clocks(at: try Self.changed(store)) { number in
      if number == 1 { try? folders.write(.documents(3), to: "notes") }
    }
    let before = try SourceDigest(of: store)
    let digest = try Self.period("1", clocks).digest(of: store)
    #expect(clocks.waits.count == 2)
    #expect(try digest == SourceDigest(of: store) && digest != before)
  }

  @Test func `files that never rest are refused after four tries`() throws {
    let folders = try Self.folders()
    let store = try folders.found("notes")
    let clocks = Clocks(at: try Self.changed(store)) { number in
      try? folders.write(.documents(3 + number), to: "notes")
    }
    let quiet = Self.period("1", clocks)
    let failure = #expect(throws: Failure.self) { try quiet.digest(of: store) }
    #expect(failure?.kind == .source && failure?.remedy?.contains("--failed") == true)
    #expect(clocks.waits.count == 4)
  }

  @Test func `with a period of zero a file that changes is read once`() throws {
    let folders = try Self.folders()
    let store = try folders.found("notes")
    let clocks = Clocks(at: try Self.changed(store)) { number in
      try? folders.write(.documents(3 + number), to: "notes")
    }
    _ = try Self.period("0", clocks).digest(of: store)
    #expect(clocks.waits.count == 1)
  }

  @Test func `one wait is enough for all files of the future together`() throws {
    let folders = try StoreFolders(["a": .documents(2), "b": .documents(2), "c": .documents(2)])
    let stores = try folders.found()
    let clocks = Clocks(at: Self.later(try Self.changed(stores[0]), by: -50))
    let quiet = Self.period(nil, clocks)
    quiet.look(at: stores)
    for store in stores { _ = try quiet.digest(of: store) }
    #expect(clocks.waits.first == 2 && clocks.waits.reduce(0, +) < 2.001, "\(clocks.waits)")
  }

  @Test func `a stop ends the wait, and the look`() throws {
    let folders = try Self.folders()
    let store = try folders.found("notes")
    let clocks = Clocks(at: try Self.changed(store))
    let quiet = Self.period(nil, clocks, isInterrupted: { true })
    quiet.look(at: [store])
    let failure = #expect(throws: Failure.self) { try quiet.digest(of: store) }
    #expect(failure?.kind == .interrupted)
  }

  @Test(arguments: [
    ("", 2, true), ("0", 0, true), ("0.25", 0.25, true), ("3600", 3600, true),
    ("3601", 2, false), ("-1", 2, false), ("soon", 2, false), ("nan", 2, false), ("inf", 2, false),
  ])
  func `the variable takes seconds from 0 to 3600`(text: String, seconds: Double, isTaken: Bool) {
    let quiet = QuietPeriod(
      environment: ["VECTOR_FERRY_QUIET_SECONDS": text], isInterrupted: { false })
    #expect(quiet.seconds == seconds)
    #expect((quiet.problem == nil) == isTaken)
    #expect(quiet.problem?.kind ?? .preflight == .preflight)
  }
}
