internal import Messages
import Glibc

/// Both output streams of the program, which may be the same terminal, and the operator's answers.
struct Console: Sendable {
  /// The stream of results.
  let output: Output
  /// The stream of progress and warnings.
  let diagnostics: Diagnostics
  /// The source of the operator's answers.
  let answers: any AnswerSource

  /// Creates a console from two streams and a source of answers.
  init(output: Output, diagnostics: Diagnostics, answers: any AnswerSource) {
    self.output = output
    self.diagnostics = diagnostics
    self.answers = answers
  }

  /// A copy of the console that discards results; diagnostics and answers stay.
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
        // Both streams may go to one file, where a warning must not come before its heading.
        beforeMessage: { output.flush() }),
      answers: TerminalAnswers(descriptor: STDIN_FILENO))
  }

  /// Prints a result as a line of its own; a progress line is cleared before it and drawn again
  /// below it.
  ///
  /// The line is written at once: later warnings come after it where both streams go to one file,
  /// and it is not lost if the process ends.
  func print(_ message: Message = "") {
    // The result and the progress line can meet only on a terminal.
    if output.profile.isTerminal {
      diagnostics.aside { output.print(message) }
    } else {
      output.print(message)
      output.flush()
    }
  }

  /// Prints a table of results.
  func print(_ table: Table) {
    let width = output.profile.isTerminal ? output.profile.columns : nil
    for line in table.lines(width: width) { print(line) }
  }
}
