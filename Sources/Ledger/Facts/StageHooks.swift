internal import Glibc
internal import Synchronization

/// Points in a run at which a test can pause it, to cause faults at exactly that point.
///
/// `VECTOR_FERRY_PAUSE_AT=<stage>` makes the run print `paused at <stage>` on standard error when
/// it reaches that stage, and wait; the run continues after SIGUSR1 or an interruption.
package struct StageHooks: Sendable {
  /// A point at which a run can be paused.
  package enum Stage: String, Sendable {
    case scan, backup, fetching, fetched
    case beforeTransaction = "before-transaction"
    case copying, verify
    case beforeCommit = "before-commit"
    case afterCommit = "after-commit"
    case rollbackPlan = "rollback-plan"
    case rollbackLocked = "rollback-locked"
    case rollbackRemoved = "rollback-removed"
    case rollbackBeforeCommit = "rollback-before-commit"
    case rollbackAfterCommit = "rollback-after-commit"
    case rollbackFiles = "rollback-files"
    case changeFitted = "change-fitted"
    case changeBeforeBegin = "change-before-begin"
    case changeBegun = "change-begun"
    case changeBatch = "change-batch"
    case changeEmbedded = "change-embedded"
    case changeFilled = "change-filled"
    case changeIndexed = "change-indexed"
    case changeHeld = "change-held"
    case changeLocked = "change-locked"
    case changeSwapped = "change-swapped"
    case changeValidated = "change-validated"
    case changeSettled = "change-settled"
    case dumpBegun = "dump-begun"
    case dumpWritten = "dump-written"
    case dumpNamed = "dump-named"
    case dumpSealed = "dump-sealed"
    case restoreFilled = "restore-filled"
    case restoreSwapped = "restore-swapped"
    case partCopied = "part-copied"
  }

  private let stage: Stage?
  private let isInterrupted: @Sendable () -> Bool

  /// The number of received signals that continue a paused run.
  private static let resumed = Atomic<Int>(0)

  /// Reads the environment variable that names a stage; without the variable, no run is paused.
  package init(environment: [String: String], isInterrupted: @escaping @Sendable () -> Bool) {
    stage = environment["VECTOR_FERRY_PAUSE_AT"].flatMap(Stage.init(rawValue:))
    self.isInterrupted = isInterrupted
    guard stage != nil else { return }
    var mask = sigset_t()
    sigemptyset(&mask)
    sigaddset(&mask, SIGUSR1)
    pthread_sigmask(SIG_UNBLOCK, &mask, nil)
    signal(SIGUSR1) { _ in StageHooks.resumed.add(1, ordering: .relaxed) }
  }

  /// Pauses the run at this stage where the environment variable asks for it.
  package func reached(_ stage: Stage) {
    guard stage == self.stage else { return }
    let before = Self.resumed.load(ordering: .relaxed)
    let message = "paused at \(stage.rawValue)\n"
    _ = message.withCString { write(STDERR_FILENO, $0, strlen($0)) }
    while Self.resumed.load(ordering: .relaxed) == before, !isInterrupted() { usleep(2_000) }
  }
}
