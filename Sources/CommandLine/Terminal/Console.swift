internal import Messages
import Glibc

/// Both streams of the program, which may end on the same terminal.
struct Console: Sendable {
  /// Results.
  let output: Output
  /// Progress and warnings.
  let diagnostics: Diagnostics
  /// Answers of the operator.
  let answers: any AnswerSource

  /// Two streams and where answers come from.
  init(output: Output, diagnostics: Diagnostics, answers: any AnswerSource) {
    self.output = output
    self.diagnostics = diagnostics
    self.answers = answers
  }

  /// The same console with nobody at its results; diagnostics and answers stay.
  var silent: Console {
    Console(
      output: Output(DiscardingSink(), profile: output.profile), diagnostics: diagnostics,
      answers: answers)
  }

  /// The streams of this process.
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
        // Both may end in one file, where a warning must not stand before its heading.
        beforeMessage: { output.flush() }),
      answers: TerminalAnswers(descriptor: STDIN_FILENO))
  }

  /// Prints a result as a line of its own, with a progress line out of its way.
  ///
  /// It leaves at once: warnings that follow it stand behind it where both streams go into one
  /// file, and it is there whatever becomes of the process.
  func print(_ message: Message = "") {
    // Only on a terminal can the two meet.
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
