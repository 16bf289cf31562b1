import Messages
import Synchronization
import Testing

@testable import CommandLine

/// A clock whose time only the test changes.
private final class HandClock: Sendable {
  private let time = Mutex(Duration.seconds(100))
  var now: Duration { time.withLock { $0 } }
  func advance(_ by: Duration) { time.withLock { $0 += by } }
}

@Suite("Progress is one line, on a terminal only, and leaves nothing behind")
struct ProgressTests {
  private let terminal = TerminalProfile(
    isTerminal: true, columns: 60,
    environment: Environment(["TERM": "xterm", "LANG": "C.UTF-8", "NO_COLOR": "1"]))

  private func frame(
    _ completed: Int, of total: Int?, rate: Double? = nil,
    unit: ProgressFrame.Unit = .things("vectors")
  ) -> ProgressFrame {
    ProgressFrame(
      label: "Migrating alice/notes", completed: completed, total: total, unit: unit, rate: rate)
  }

  @Test(
    "What matters least goes first as the terminal gets narrower",
    arguments: [
      (
        100,
        "Migrating alice/notes  [#############-------------]  50%  5,000 of 10,000 vectors  1,000/s  5 s left"
      ),
      (79, "Migrating alice/notes  50%  5,000 of 10,000 vectors  1,000/s  5 s left"),
      (65, "Migrating alice/notes  50%  5,000 of 10,000 vectors  5 s left"),
      (54, "Migrating alice/notes  50%  5 s left"), (40, "Migrating alice/notes  50%  5 s left"),
      (26, "Migrating alice/notes  50%"), (12, "Migrat…  50%"), (8, "50%"), (2, "5…"),
    ])
  func narrowing(_ columns: Int, _ line: String) {
    let frame = frame(5_000, of: 10_000, rate: 1_000)
    #expect(frame.line(columns: columns, isUnicode: false).plain == line)
  }

  @Test(
    "No line is wider than asked for, whatever stands in it",
    arguments: [
      (0, 0, nil), (0, 10, nil), (10, 10, 5.0), (20, 10, .infinity), (5, nil, .nan),
      (Int.max, Int.max, 1e300), (1, Int.max, 1e-9), (-3, 10, -1),
    ] as [(Int, Int?, Double?)])
  func neverTooWide(_ completed: Int, _ total: Int?, _ rate: Double?) {
    for unit in [ProgressFrame.Unit.bytes, .things("用户")] {
      let frame = frame(completed, of: total, rate: rate, unit: unit)
      for columns in 1...120 {
        let widths = [true, false].map {
          frame.line(columns: columns, isUnicode: $0).displayWidth
        }
        if widths.contains(where: { $0 > columns }) { Issue.record("\(widths) in \(columns)") }
      }
    }
  }

  @Test("A hundred per cent means done")
  func percentages() {
    #expect(frame(9_999, of: 10_000).line(columns: 79, isUnicode: true).plain.contains("99%"))
    #expect(frame(10_000, of: 10_000).line(columns: 79, isUnicode: true).plain.contains("100%"))
    #expect(!frame(5, of: nil).line(columns: 79, isUnicode: true).plain.contains("%"))
  }

  @Test("A bar is always as wide, grows with every step, and is full only when done")
  func bars() {
    let bars = (0...320).map { step in
      let line = frame(step, of: 320).line(columns: 100, isUnicode: true).plain
      return String(line.drop { $0 != "▕" }.prefix { $0 != "%" }.prefix(40))
    }
    #expect(bars.allSatisfy { $0.hasPrefix("▕") && $0.hasSuffix("▏") })
    #expect(Set(bars).count > 300)
    #expect(bars[0] == "▕\(String(repeating: " ", count: 38))▏")
    #expect(bars[320] == "▕\(String(repeating: "█", count: 38))▏")
    #expect(bars[319] != bars[320])
  }

  @Test("Draws at most ten times a second, follows the speed, and clears the line")
  func drawing() {
    let (sink, clock) = (BufferSink(), HandClock())
    let diagnostics = Diagnostics(sink, profile: terminal, columnsNow: { 60 })
    let progress = Progress(
      "Reading", total: 1000, unit: .things("rows"), on: diagnostics, now: { clock.now })
    for _ in 0..<200 {
      clock.advance(.milliseconds(10))
      progress.advance(by: 5)
    }
    progress.finish()
    progress.advance(by: 5)
    let drawings = sink.text.split(separator: "\r\u{1B}[K", omittingEmptySubsequences: false)
    #expect(drawings.count >= 15 && drawings.count <= 23, "\(drawings.count)")
    #expect(drawings[1].hasPrefix("Reading") && drawings[1].hasSuffix("0%  0 of 1,000 rows"))
    #expect(sink.text.contains("500/s"))
    #expect(sink.text.hasSuffix("\r\u{1B}[K"))
  }

  @Test("The end is drawn however soon it follows, and only the end is 100%")
  func end() {
    let (sink, clock) = (BufferSink(), HandClock())
    let diagnostics = Diagnostics(sink, profile: terminal, columnsNow: { 60 })
    let progress = Progress(
      "Building", total: 1000, unit: .share, on: diagnostics, now: { clock.now })
    for step in 1...30 {
      clock.advance(.milliseconds(100))
      progress.update(to: min(990, step * 33), "Building: loading")
    }
    #expect(sink.text.hasSuffix("99%  1 s left"), "\(sink.text.suffix(60))")
    #expect(!sink.text.contains("100%"))
    clock.advance(.milliseconds(1))
    progress.update(to: 1000, "Building: done")
    #expect(sink.text.hasSuffix("100%"), "\(sink.text.suffix(60))")
    #expect(sink.text.contains("Building: done"))
    #expect(sink.text.split(separator: "\r\u{1B}[K").last?.contains("left") == false)
  }

  @Test("Messages and results stand above the line, which is drawn again below them")
  func messages() {
    let sink = BufferSink()
    let diagnostics = Diagnostics(sink, profile: terminal)
    let console = Console(
      output: Output(sink, profile: terminal), diagnostics: diagnostics, answers: NoAnswers())
    diagnostics.show("50%")
    diagnostics.warn("odd")
    console.print("result")
    diagnostics.show("50%")
    diagnostics.show(nil)
    let clear = "\r\u{1B}[K"
    #expect(
      sink.text == "\(clear)50%\(clear)warning: odd\n50%\(clear)result\n50%\(clear)")
  }

  @Test("Nothing is drawn into a pipe, on a dumb terminal, or when quiet")
  func silence() {
    let dumb = TerminalProfile(
      isTerminal: true, columns: 80, environment: Environment(["TERM": "dumb"]))
    for (profile, isQuiet) in [(TerminalProfile.none, false), (dumb, false), (terminal, true)] {
      let sink = BufferSink()
      let diagnostics = Diagnostics(sink, profile: profile, isQuiet: isQuiet)
      let progress = Progress("Reading", total: 10, unit: .bytes, on: diagnostics)
      progress.advance(by: 10)
      progress.finish()
      #expect(sink.text == "")
    }
  }

  @Test("A label cannot command the terminal, and letting go clears the line")
  func hostile() {
    let sink = BufferSink()
    let diagnostics = Diagnostics(sink, profile: terminal)
    do {
      let progress = Progress(
        "Reading \("\u{1B}[2J\n")", total: nil, unit: .bytes, on: diagnostics)
      progress.relabel("Reading")
    }
    #expect(sink.text.contains(#"Reading \u{1b}[2J\n"#))
    #expect(sink.text.hasSuffix("\r\u{1B}[K"))
  }

  @Test("Many tasks may advance one progress")
  func concurrency() async {
    let sink = BufferSink()
    let diagnostics = Diagnostics(sink, profile: terminal)
    let progress = Progress("Reading", total: 4_000, unit: .bytes, on: diagnostics)
    await withTaskGroup(of: Void.self) { group in
      for _ in 0..<4 {
        group.addTask {
          for index in 0..<1_000 {
            progress.advance(by: 1)
            if index.isMultiple(of: 100) { diagnostics.note("note") }
          }
        }
      }
    }
    progress.finish()
    #expect(sink.text.split(separator: "note\n").count >= 40)
    #expect(sink.text.hasSuffix("\r\u{1B}[K"))
  }
}
