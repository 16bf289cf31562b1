internal import Messages
import Synchronization

/// The stream for progress, notes and warnings on standard error; results do not go there.
///
/// The last lines may belong to the display of progress: other messages clear these lines, and they
/// are drawn again below the messages. All methods may be called from any task.
final class Diagnostics: Sendable {
  private struct State {
    /// The lines of progress that are on the terminal; empty where there are none.
    var lines: [String] = []
    /// The number of columns that each of these lines takes.
    var widths: [Int] = []
    var hasFailed = false
  }

  /// The properties of the terminal, file or pipe to which the stream is written.
  let profile: TerminalProfile
  /// True where only warnings and errors are printed.
  let isQuiet: Bool
  private let sink: any ByteSink
  private let columnsNow: @Sendable () -> Int?
  private let rowsNow: @Sendable () -> Int?
  /// True where the terminal breaks lines that were drawn when it becomes narrower.
  private let breaksLines: Bool
  private let beforeMessage: @Sendable () -> Void
  private let state = Mutex(State())

  /// Creates diagnostics that are written to `sink`.
  ///
  /// - Parameters:
  ///   - columnsNow: returns the present width of the terminal, which people may resize.
  ///   - rowsNow: returns the present height of the terminal.
  ///   - breaksLines: true where the terminal breaks lines that were drawn when it becomes
  ///     narrower; false where it cuts them.
  ///   - beforeMessage: called before each message, to write out earlier output of another stream.
  init(
    _ sink: any ByteSink, profile: TerminalProfile, isQuiet: Bool = false,
    columnsNow: @escaping @Sendable () -> Int? = { nil },
    rowsNow: @escaping @Sendable () -> Int? = { nil }, breaksLines: Bool = false,
    beforeMessage: @escaping @Sendable () -> Void = {}
  ) {
    self.sink = sink
    self.profile = profile
    self.isQuiet = isQuiet
    self.columnsNow = columnsNow
    self.rowsNow = rowsNow
    self.breaksLines = breaksLines
    self.beforeMessage = beforeMessage
  }

  /// Prints a note about the work, unless `isQuiet` is true.
  func note(_ message: Message) {
    if !isQuiet { printWords(message) }
  }

  /// Prints a warning.
  func warn(_ message: Message) { printWords("\("warning:", .yellow) " + message) }

  /// Prints an error.
  func fail(_ message: Message) { printWords("\("error:", .red) " + message) }

  /// Prints a message of words: on a terminal in lines that fit, broken at spaces; in a file or pipe
  /// in one line.
  private func printWords(_ message: Message) {
    guard profile.isTerminal else { return print(message) }
    for line in message.lines(width: columns) { print(line) }
  }

  /// Prints an error whose description may have several lines, such as the end of a server's log.
  func fail(with error: any Error) {
    let lines = String(describing: error).split(separator: "\n")
    fail("\(String(lines.first ?? "unknown"))")
    for line in lines.dropFirst() { print("\(String(line))") }
  }

  /// The present number of the terminal's columns.
  var columns: Int { columnsNow() ?? profile.columns }

  /// True where a progress line may be drawn.
  var drawsProgress: Bool { profile.canRedraw && !isQuiet }

  /// The present number of the terminal's rows.
  var rows: Int { rowsNow() ?? 24 }

  /// Draws `message` as the only line of progress; nil removes all lines.
  func show(_ message: Message?) { show(lines: message.map { [$0] } ?? []) }

  /// Draws these messages as the lines of progress, in place of the lines before.
  func show(lines messages: [Message]) {
    guard drawsProgress else { return }
    let lines = messages.map(profile.palette.render)
    state.withLock { state in
      if lines == state.lines, !isTooNarrow(state) { return }
      write(clearing(state) + lines.joined(separator: "\r\n"), &state)
      state.lines = lines
      state.widths = messages.map(\.displayWidth)
    }
  }

  /// Clears the lines of progress, runs `body`, and draws the lines again.
  func aside<Result>(_ body: () throws -> Result) rethrows -> Result {
    try state.withLock { state in
      if !state.lines.isEmpty { write(clearing(state), &state) }
      defer {
        if !state.lines.isEmpty { write(state.lines.joined(separator: "\r\n"), &state) }
      }
      return try body()
    }
  }

  /// Writes a question, without a line feed.
  func ask(_ message: Message) { print(message, ending: " ") }

  /// Writes a message unchanged, followed by `ending`.
  func print(_ message: Message, ending: String = "\n") {
    beforeMessage()
    let text = profile.palette.render(message) + ending
    state.withLock { state in
      let lines = state.lines.joined(separator: "\r\n")
      write(state.lines.isEmpty ? text : clearing(state) + text + lines, &state)
    }
  }

  /// Writes the text, unless an earlier write failed: a closed standard error does not stop a
  /// migration.
  private func write(_ text: String, _ state: inout State) {
    guard !state.hasFailed else { return }
    do { try sink.write(Array(text.utf8)) } catch { state.hasFailed = true }
  }

  /// Returns true where the terminal has become narrower than a line that was drawn.
  private func isTooNarrow(_ state: State) -> Bool {
    state.widths.contains { $0 > columns }
  }

  /// Returns the characters (ECMA-48) that go to the first line of progress and erase it and
  /// everything below it.
  ///
  /// Where the terminal has become narrower, a line may take several rows, but only on some
  /// terminals: the cursor does not go up further than on the others, because it would erase what
  /// stands above.
  private func clearing(_ state: State) -> String {
    var rows = state.lines.count
    if breaksLines {
      let width = max(1, columns)
      rows = state.widths.reduce(0) { $0 + max(1, ($1 + width - 1) / width) }
    }
    let up = rows > 1 ? "\u{1B}[\(rows - 1)A" : ""
    return "\r\(up)\u{1B}[\(state.lines.count > 1 ? "J" : "K")"
  }
}
