internal import Messages
import Synchronization

/// The stream for progress, notes and warnings on standard error; results do not go there.
///
/// The last line may belong to a `Progress`: other messages clear the line, and it is drawn again
/// below them. All methods may be called from any task.
final class Diagnostics: Sendable {
  private struct State {
    var line: String?
    var hasFailed = false
  }

  /// The properties of the terminal, file or pipe to which the stream is written.
  let profile: TerminalProfile
  /// True where only warnings and errors are printed.
  let isQuiet: Bool
  private let sink: any ByteSink
  private let columnsNow: @Sendable () -> Int?
  private let beforeMessage: @Sendable () -> Void
  private let state = Mutex(State())

  /// Creates diagnostics that are written to `sink`.
  ///
  /// - Parameters:
  ///   - columnsNow: returns the present width of the terminal, which people may resize.
  ///   - beforeMessage: called before each message, to write out earlier output of another stream.
  init(
    _ sink: any ByteSink, profile: TerminalProfile, isQuiet: Bool = false,
    columnsNow: @escaping @Sendable () -> Int? = { nil },
    beforeMessage: @escaping @Sendable () -> Void = {}
  ) {
    self.sink = sink
    self.profile = profile
    self.isQuiet = isQuiet
    self.columnsNow = columnsNow
    self.beforeMessage = beforeMessage
  }

  /// Prints a note about the work, unless `isQuiet` is true.
  func note(_ message: Message) {
    if !isQuiet { print(message) }
  }

  /// Prints a warning.
  func warn(_ message: Message) { print("\("warning:", .yellow) " + message) }

  /// Prints an error.
  func fail(_ message: Message) { print("\("error:", .red) " + message) }

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

  /// Draws `message` as the progress line; nil removes the line.
  func show(_ message: Message?) {
    guard drawsProgress else { return }
    let line = message.map(profile.palette.render)
    state.withLock { state in
      if line == state.line { return }
      write(line.map { Self.clearing + $0 } ?? Self.clearing, &state)
      state.line = line
    }
  }

  /// Clears the progress line, runs `body`, and draws the line again.
  func aside<Result>(_ body: () throws -> Result) rethrows -> Result {
    try state.withLock { state in
      if state.line != nil { write(Self.clearing, &state) }
      defer { if let line = state.line { write(line, &state) } }
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
      write(state.line.map { Self.clearing + text + $0 } ?? text, &state)
    }
  }

  /// Writes the text, unless an earlier write failed: a closed standard error does not stop a
  /// migration.
  private func write(_ text: String, _ state: inout State) {
    guard !state.hasFailed else { return }
    do { try sink.write(Array(text.utf8)) } catch { state.hasFailed = true }
  }

  /// The characters that clear a line (ECMA-48): go to its beginning, erase to its end.
  private static let clearing = "\r\u{1B}[K"
}
