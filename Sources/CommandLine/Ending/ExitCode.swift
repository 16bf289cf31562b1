/// The exit codes of the program, for scripts.
enum ExitCode: Int32, CaseIterable, Sendable {
  /// The command has done everything that it was asked for.
  case done = 0
  /// Some stores failed or were not begun; the other stores are done.
  case someStoresFailed = 1
  /// The command line could not be understood.
  case usage = 2
  /// A check failed before the work began; nothing was changed.
  case preflightFailed = 3
  /// Verification found a difference.
  case differenceFound = 4
  /// A signal interrupted the command.
  case interrupted = 130

  /// The meaning of the code in one line, for the help.
  var meaning: String {
    switch self {
    case .done: "done"
    case .someStoresFailed: "some stores failed or were not begun"
    case .usage: "the command line could not be understood"
    case .preflightFailed: "pre-flight checks failed, nothing was touched"
    case .differenceFound: "verification found a difference"
    case .interrupted: "interrupted"
    }
  }
}
