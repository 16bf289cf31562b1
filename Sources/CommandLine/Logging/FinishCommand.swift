internal import Glibc
internal import Machine
internal import Messages
internal import Migration

/// The command of the operator that is run after a run.
struct FinishCommand {
  /// The command, for `/bin/sh`.
  let command: String
  /// The variables of this process, which the command gets too.
  let inherited: [String: String]

  /// Runs the command and waits for its end; its standard output goes to standard error, because
  /// standard output is for results.
  ///
  /// - Parameters:
  ///   - report: the report of the run; nil where the run ended before it had one.
  ///   - exitCode: the exit code with which the program will end.
  /// - Returns: the reason why the command failed; nil where it succeeded.
  func run(_ report: MigrationReport?, exitCode: ExitCode) -> String? {
    let facts: [(String, String)] = [
      ("EXIT_CODE", "\(exitCode.rawValue)"), ("RUN", report?.run?.description ?? ""),
      ("STORES", "\(report?.plan.stores.count ?? 0)"), ("FAILED", "\(report?.failed ?? 0)"),
      ("DOCUMENTS", "\(report?.documents ?? 0)"),
      ("SECONDS", report?.seconds.shown(digits: 1) ?? "0"),
    ]
    var variables = inherited
    for (name, value) in facts { variables["VECTOR_FERRY_\(name)"] = value }
    let environment = Self.copies(of: variables.map { "\($0.key)=\($0.value)" })
    let words = Self.copies(of: ["/bin/sh", "-c", command])
    defer { for word in words + environment { free(word) } }
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    var attributes = posix_spawnattr_t()
    posix_spawnattr_init(&attributes)
    defer {
      posix_spawn_file_actions_destroy(&actions)
      posix_spawnattr_destroy(&attributes)
    }
    posix_spawn_file_actions_adddup2(&actions, STDERR_FILENO, STDOUT_FILENO)
    // Signals that this program ignores are the command's again.
    var signals = sigset_t()
    sigfillset(&signals)
    posix_spawnattr_setsigdefault(&attributes, &signals)
    posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGDEF))
    var process = pid_t()
    let code = posix_spawn(&process, "/bin/sh", &actions, &attributes, words, environment)
    guard code == 0 else { return String(cString: strerror(code)) }
    var status: Int32 = 0
    while waitpid(process, &status, 0) < 0 {
      guard errno == EINTR else { return String(cString: strerror(errno)) }
    }
    if status & 0x7F != 0 { return "signal \(status & 0x7F) ended it" }
    let exit = (status >> 8) & 0xFF
    return exit == 0 ? nil : "it ended with \(exit)"
  }

  /// Returns copies of texts for a C function, with nil after the last one.
  private static func copies(of texts: [String]) -> [UnsafeMutablePointer<CChar>?] {
    texts.map { strdup($0) } + [nil]
  }
}
