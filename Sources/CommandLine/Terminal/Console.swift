internal import Messages
import Glibc

/// The two output streams of the program and the source of the operator's answers.
///
/// Both streams may go to the same terminal.
struct Console: Sendable {
  /// The stream for results.
  let output: Output
  /// The stream for progress and warnings.
  let diagnostics: Diagnostics
  /// The source of the operator's answers.
  let answers: any AnswerSource

  /// Creates a console from two streams and a source of answers.
  init(output: Output, diagnostics: Diagnostics, answers: any AnswerSource) {
    self.output = output
    self.diagnostics = diagnostics
    self.answers = answers
  }

  /// A copy of the console that discards results and keeps the rest.
  var silent: Console {
    Console(
      output: Output(DiscardingSink(), profile: output.profile), diagnostics: diagnostics,
      answers: answers)
  }

  /// Creates the console of this process.
  static func process(isQuiet: Bool, environment: Environment = .process) -> Console {
    let output = Output(
      FileDescriptorSink.standardOutput,
      profile: TerminalProfile(descriptor: STDOUT_FILENO, environment: environment))
    return Console(
      output: output,
      diagnostics: Diagnostics(
        FileDescriptorSink.standardError,
        profile: TerminalProfile(descriptor: STDERR_FILENO, environment: environment),
        isQuiet: isQuiet, columnsNow: { terminalColumns(STDERR_FILENO) },
        rowsNow: { terminalRows(STDERR_FILENO) },
        breaksLines: TerminalProfile.breaksLines(environment),
        // Both streams may go to one file, where a warning must not come before its heading.
        beforeMessage: { output.flush() }),
      answers: TerminalAnswers(descriptor: STDIN_FILENO))
  }

  /// Prints a result on a line of its own.
  ///
  /// On a terminal, the progress line is cleared before and drawn again after the result. In a file
  /// or pipe, the line is written at once, so that later warnings follow it and a crash does not
  /// lose it.
  func print(_ message: Message = "") {
    // The result and the progress line can meet only on a terminal.
    if output.profile.isTerminal {
      diagnostics.aside { output.print(message) }
    } else {
      output.print(message)
      output.flush()
    }
  }

  /// Prints a message of words: on a terminal in lines that fit, broken at spaces; in a file or pipe
  /// in one line.
  func printWords(_ message: Message = "") {
    guard output.profile.isTerminal else { return print(message) }
    for line in message.lines(width: output.profile.columns) { print(line) }
  }

  /// Prints a text of results: on a terminal in lines that fit, in a file or pipe in one line.
  ///
  /// - Parameter indent: the number of spaces before each line; on a terminal, lines after the first
  ///   have two more where `indent` is zero.
  func printLines(of text: String, indent: Int = 0) {
    guard !text.isEmpty else { return }
    let margin = String(repeating: " ", count: indent)
    guard output.profile.isTerminal else { return print(Message(margin) + Message(text)) }
    let further = indent == 0 ? "  " : margin
    let width = max(8, output.profile.columns - further.count)
    for (number, line) in broken(sanitised(text), to: width).enumerated() {
      print(Message(trusted: (number == 0 ? margin : further) + line))
    }
  }

  /// Prints a table of results, line by line.
  func print(_ table: Table) {
    let width = output.profile.isTerminal ? output.profile.columns : nil
    for line in table.lines(width: width) { print(line) }
  }
}
