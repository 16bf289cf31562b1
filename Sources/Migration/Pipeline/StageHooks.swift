internal import Glibc

/// Points in a run at which a test can stop it, to bring faults about exactly there.
///
/// `VECTOR_FERRY_PAUSE_AT=<stage>` makes the run say `paused at <stage>` on standard error
/// when it gets there, and wait for a signal.
struct StageHooks: Sendable {
  /// A place in a store's way.
  enum Stage: String, Sendable {
    case scan, backup
    case beforeTransaction = "before-transaction"
    case copying, verify
    case beforeCommit = "before-commit"
    case afterCommit = "after-commit"
  }

  private let stage: Stage?

  /// Reads the variable; nothing is ever paused without it.
  init(environment: [String: String]) {
    stage = environment["VECTOR_FERRY_PAUSE_AT"].flatMap(Stage.init(rawValue:))
  }

  /// Pauses here where that was asked for.
  func reached(_ stage: Stage) throws {
    guard stage == self.stage else { return }
    let message = "paused at \(stage.rawValue)\n"
    _ = message.withCString { Glibc.write(STDERR_FILENO, $0, strlen($0)) }
    pause()
  }
}
