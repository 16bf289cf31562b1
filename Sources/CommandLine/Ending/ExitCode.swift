/// How the program ends, for scripts.
enum ExitCode: Int32, CaseIterable, Sendable {
  /// Everything that was asked for is done.
  case done = 0
  /// Some stores failed or were not begun, the others are done.
  case someStoresFailed = 1
  /// The command line could not be understood.
  case usage = 2
  /// Pre-flight checks failed; nothing was touched.
  case preflightFailed = 3
  /// Verification found a difference.
  case differenceFound = 4
  /// Interrupted by a signal.
  case interrupted = 130

  /// One line for help.
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
