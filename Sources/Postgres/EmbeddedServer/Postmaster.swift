import Glibc

/// The server processes of one data directory, as its files and the system show them.
struct Postmaster {
  let data: String
  /// The account that runs the processes, where this process is root.
  let account: ServerAccount?

  private var pidFile: String { "\(data)/postmaster.pid" }

  /// The server's main process; nil where no process is known to run and to serve this directory.
  ///
  /// A process number alone proves nothing: after a crash or a copy it may belong to another
  /// process.
  var process: pid_t? {
    guard let process = recorded else { return nil }
    if cannotExamine { return kill(process, 0) == 0 || errno == EPERM ? process : nil }
    return work(of: process) == .ours ? process : nil
  }

  /// True where processes cannot be examined because /proc is missing: then a process number alone
  /// has to suffice, and nothing of a server that may be alive is removed.
  var cannotExamine: Bool { !File.exists("/proc/self/stat") }

  /// True once the server reports that it accepts connections.
  var isReady: Bool { lines.count > 7 && lines[7].hasPrefix("ready") }

  /// Removes the server's pid file where no process of this server has the file's number any more.
  ///
  /// Another process may have the number now; PostgreSQL would take that process for a server of
  /// this directory, and refuse to start.
  func forget() {
    if !cannotExamine, let recorded, work(of: recorded) == .other { unlink(pidFile) }
  }

  /// The processes that are left of a server whose main process has ended; they still hold the
  /// server's shared memory.
  private var orphans: [pid_t] {
    File.names(in: "/proc").compactMap { pid_t($0) }.filter { work(of: $0) == .ours }
  }

  /// Ends the processes that a killed server left: waits first, then sends signals, each stronger
  /// than the one before.
  ///
  /// Without their postmaster these processes can only finish their current work; crash recovery
  /// then makes the data consistent.
  func endOrphans() {
    for (signal, seconds) in [(0 as Int32, 2), (SIGTERM, 3), (SIGQUIT, 3), (SIGKILL, 3)] {
      let left = orphans
      if left.isEmpty { return }
      if signal != 0 { for process in left { kill(process, signal) } }
      Polling.wait(seconds: seconds) { orphans.isEmpty }
    }
  }

  private var lines: [Substring] {
    (File.text(pidFile) ?? "").split(separator: "\n", omittingEmptySubsequences: false)
  }

  private var recorded: pid_t? { lines.first.flatMap { pid_t($0) }.flatMap { $0 > 1 ? $0 : nil } }

  private enum Work {
    case ours
    case other
    case unknown
  }

  // Determines the work of a process: every process of a server works in its data directory.
  private func work(of process: pid_t) -> Work {
    guard isPostgres(process) else { return .other }
    let place = "/proc/\(process)/cwd"
    var facts = stat()
    if stat(place, &facts) == 0 { return File.same(place, data) ? .ours : .other }
    if errno == ENOENT || errno == ESRCH { return .other }
    // In a container even root may not examine processes of other accounts: ask as the account.
    guard let account else { return .unknown }
    let test = ChildProcess(
      program: "/usr/bin/test", arguments: [place, "-ef", data], account: account)
    let visible = ChildProcess(
      program: "/usr/bin/test", arguments: ["-d", place], account: account)
    if (try? test.run().status) == 0 { return .ours }
    return (try? visible.run().status) == 0 ? .other : .unknown
  }

  // True for a living process of PostgreSQL ("PID (NAME) STATE …"), not for a zombie.
  private func isPostgres(_ process: pid_t) -> Bool {
    let line = File.text("/proc/\(process)/stat") ?? ""
    return line.hasPrefix("\(process) (postgres") && !line.contains(") Z ")
  }
}
