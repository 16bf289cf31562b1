internal import Messages
internal import Arguments

extension Console {
  /// Prints the help of a program, or of the command at `path`.
  func printHelp<Invocation>(of program: Program<Invocation>, path: [String] = []) {
    let columns = output.profile.columns
    let lines =
      program.declaration(at: path).map {
        HelpPage.lines(of: $0, program: program.name, columns: columns)
      } ?? HelpPage.lines(of: program, columns: columns)
    for line in lines { print(line) }
  }

  /// Prints the program's name and version.
  func printVersion<Invocation>(of program: Program<Invocation>) {
    print("\(program.name) \(program.version)")
  }

  /// Reports an error in the command line and the command that shows help; returns the exit code.
  @discardableResult
  func report<Invocation>(_ error: UsageError, of program: Program<Invocation>) -> ExitCode {
    diagnostics.fail(error.message)
    diagnostics.print("Try '\(program.name) \(error.helpLine)'.")
    return ExitCode(for: error)
  }
}
