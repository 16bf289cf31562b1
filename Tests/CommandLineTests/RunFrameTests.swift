import Messages
import Stores
import Synchronization
import Testing

@testable import CommandLine

/// Tests the lines that show the progress of a run.
struct RunFrameTests {
  private func progress(
    stores: Int = 12, of total: Int = 60, documents: Int = 3_400, of all: Int = 15_000,
    failed: Int = 0, inHand: [RunProgress.StoreInHand] = []
  ) -> RunProgress {
    var progress = RunProgress()
    progress.phase = .migrating
    (progress.stores, progress.totalStores) = (stores, total)
    (progress.documents, progress.totalDocuments) = (documents, all)
    progress.failed = failed
    progress.inHand = inHand
    return progress
  }

  private func store(_ user: String, _ stage: String, sent: Int? = nil, of documents: Int = 1_500)
    -> RunProgress.StoreInHand
  {
    RunProgress.StoreInHand(
      name: StoreName(user: user, collection: "notes"), stage: stage, sent: sent,
      documents: documents)
  }

  private func lines(
    _ progress: RunProgress, _ columns: Int, rate: Double? = 812, rows: Int = 20, turn: Int = 0
  ) -> [String] {
    RunFrame(progress: progress, rate: rate, turn: turn)
      .lines(columns: columns, rows: rows, isUnicode: false).map(\.plain)
  }

  @Test(arguments: [
    (
      159,
      "Migrating 12 of 60 stores  [########------------------------------]"
        + "   22%   3,400 of 15,000 documents     812/s  1 failed  15 s left"
    ),
    (
      99,
      "Migrating 12 of 60 stores  [#####---------------------]   22%     812/s  1 failed  15 s left"
    ), (79, "Migrating 12 of 60  [##-----------]   22%     812/s  1 failed  15 s left"),
    (59, "Migrating 12 of 60   22%  1 failed  15 s left"),
    (39, "Migrating 12 of 60   22%  1 failed"),
    (25, "1 failed  Migrating 12 o…"),
  ])
  func `what matters least is left out first where the terminal is narrow`(
    columns: Int, line: String
  ) {
    #expect(lines(progress(failed: 1), columns) == [line])
  }

  @Test func `the bar keeps its width while numbers grow and the rest of the time changes`() {
    let widths = [0, 9, 99, 999, 9_999, 14_999].map { done in
      let line = lines(progress(documents: done), 119, rate: Double(done) / 7)[0]
      return line.prefix { $0 != "]" }.count
    }
    #expect(Set(widths).count == 1, "\(widths)")
  }

  @Test func `no line is wider than the terminal, and there are no more lines than rows`() {
    let names = ["ann", "a very long name of a user who has much to say", "用户用户用户用户用户用户"]
    let stores = (0..<12).map { number in
      store(
        names[number % 3], "measuring the shared model",
        sent: number % 2 == 0 ? nil : number * 100)
    }
    let states = [
      progress(inHand: stores), progress(failed: 1_234, inHand: stores), RunProgress(),
      progress(stores: 0, of: 0, documents: 0, of: 0),
      progress(stores: .max, of: .max, documents: .max, of: .max, failed: .max),
    ]
    for state in states {
      for rate in [nil, 0.01, 3.2, 1e9, .infinity, .nan, -1] as [Double?] {
        for columns in 1...200 {
          let frame = RunFrame(progress: state, rate: rate, turn: columns)
          for isUnicode in [true, false] {
            let lines = frame.lines(columns: columns, rows: 7, isUnicode: isUnicode)
            if lines.count > 7 || lines.contains(where: { $0.displayWidth > columns }) {
              Issue.record("\(columns): \(lines.map(\.plain))")
            }
          }
        }
      }
    }
  }

  @Test func `stores in hand have a line each, with their stage or their count`() {
    let state = progress(inHand: [
      store("ann", "fitting a model"), store("bob", "loading", sent: 512),
    ])
    #expect(
      lines(state, 60, turn: 1).dropFirst() == [
        "/ ann/notes  fitting a model", "/ bob/notes  loading    512 of 1,500",
      ])
    #expect(lines(state, 24, turn: 1).last == "/ bob/n…    512 of 1,500")
    #expect(lines(state, 60, rows: 2).last == "  and 2 more stores in hand")
    #expect(lines(state, 60, rows: 1).count == 1)
  }

  @Test func `a name cannot command the terminal`() {
    let state = progress(inHand: [store("\u{1B}[2J", "loading", sent: 1), store("\n", "opening")])
    #expect(lines(state, 80).allSatisfy { !$0.contains("\u{1B}") && !$0.contains("\n") })
  }

  @Test func `without a terminal, the state is one sentence`() {
    let state = progress(
      failed: 2,
      inHand: [
        store("ann", "loading", sent: 5), store("bob", "opening"), store("cy", "opening"),
        store("dee", "opening"),
      ])
    #expect(
      RunFrame(progress: state, rate: 812, turn: 0).plain.plain
        == "Migrating 12 of 60 stores, 22%, 3,400 of 15,000 documents, 812/s, 15 s left, 2 failed "
        + "(ann/notes loading; bob/notes opening; cy/notes opening; 1 more)")
  }

  @Test func `the speed follows the work, and begins anew with each part of a run`() {
    var speed = Speed()
    var state = progress(documents: 0)
    speed.note(state, at: .seconds(10))
    #expect(speed.rate == nil)
    for second in 1...5 {
      state.documents = second * 100
      speed.note(state, at: .seconds(10 + second))
    }
    #expect(abs((speed.rate ?? 0) - 100) < 1)
    // The work stops: the speed falls, and never below zero.
    for second in 6...40 { speed.note(state, at: .seconds(10 + second)) }
    let rate = speed.rate ?? 0
    #expect(rate < 5 && rate >= 0)
    state.phase = .backups
    speed.note(state, at: .seconds(60))
    #expect(speed.rate == nil)
  }
}

/// Tests the drawing of several lines of progress.
struct ProgressLinesTests {
  private let terminal = TerminalProfile(
    isTerminal: true, columns: 60,
    environment: Environment(["TERM": "xterm", "LANG": "C.UTF-8", "NO_COLOR": "1"]))

  @Test func `several lines are replaced together, and messages stand above them`() {
    let sink = BufferSink()
    let diagnostics = Diagnostics(sink, profile: terminal, columnsNow: { 60 })
    diagnostics.show(lines: ["one", "two", "three"])
    diagnostics.warn("odd")
    diagnostics.show(lines: ["four"])
    diagnostics.show(nil)
    let (clear, up) = ("\r\u{1B}[K", "\r\u{1B}[2A\u{1B}[J")
    #expect(
      sink.text == "\(clear)one\r\ntwo\r\nthree\(up)warning: odd\none\r\ntwo\r\nthree\(up)four"
        + clear)
  }

  @Test(arguments: [false, true])
  func `on a terminal that became narrower, nothing above the lines is erased`(
    breaksLines: Bool
  ) {
    let sink = BufferSink()
    let columns = Mutex(60)
    let diagnostics = Diagnostics(
      sink, profile: terminal, columnsNow: { columns.withLock { $0 } }, breaksLines: breaksLines)
    let lines = [Message(String(repeating: "a", count: 50)), "b"]
    diagnostics.show(lines: lines)
    columns.withLock { $0 = 20 }
    diagnostics.show(lines: ["c"])
    // Only a terminal that breaks lines shows the first line in three rows.
    #expect(sink.text.hasSuffix("\u{1B}[\(breaksLines ? 3 : 1)A\u{1B}[Jc"), "\(sink.text)")
  }
}
