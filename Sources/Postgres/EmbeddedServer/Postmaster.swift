import Glibc

/// The processes that serve one data directory, as the directory and the system know them.
struct Postmaster {
  let data: String

  private var pidFile: String { "\(data)/postmaster.pid" }

  /// The server's own process, nil unless it lives and serves this very directory.
  ///
  /// A number alone proves nothing: after a crash or a copy it may be anybody's.
  var process: pid_t? {
    guard let process = recorded, serves(process) else { return nil }
    return process
  }

  /// True once the server says that it takes connections.
  var isReady: Bool { lines.count > 7 && lines[7].hasPrefix("ready") }

  /// Processes of a server that is gone, which still hold its shared memory.
  var orphans: [pid_t] {
    File.names(in: "/proc").compactMap { pid_t($0) }.filter { serves($0) }
  }

  /// Ends what a killed server left behind, gently first.
  ///
  /// Without their postmaster these processes can only finish what they are doing; crash
  /// recovery then makes the data whole.
  func endOrphans() {
    for (signal, seconds) in [(0 as Int32, 3), (SIGTERM, 3), (SIGQUIT, 3), (SIGKILL, 3)] {
      let left = orphans
      if left.isEmpty { return }
      if signal != 0 { for process in left { kill(process, signal) } }
      Patience.wait(seconds: seconds) { orphans.isEmpty }
    }
  }

  /// Removes a pid file whose number now belongs to another process; PostgreSQL itself would
  /// take that process for its own kind and refuse.
  func forget() {
    if let recorded, process == nil, kill(recorded, 0) == 0 || errno == EPERM { unlink(pidFile) }
  }

  private var lines: [Substring] {
    (File.text(pidFile) ?? "").split(separator: "\n", omittingEmptySubsequences: false)
  }

  private var recorded: pid_t? { lines.first.flatMap { pid_t($0) }.flatMap { $0 > 1 ? $0 : nil } }

  // Every process of a server works in its data directory and nothing else does.
  private func serves(_ process: pid_t) -> Bool {
    process != getpid() && File.same("/proc/\(process)/cwd", data)
      && (File.text("/proc/\(process)/comm")?.hasPrefix("postgres") ?? false)
  }
}

/// Bounded waiting.
enum Patience {
  /// Asks `condition` again and again until it holds or the time is over; says whether it held.
  @discardableResult
  static func wait(seconds: Int, for condition: () -> Bool) -> Bool {
    let end = now + Double(seconds)
    var pause: UInt32 = 5_000
    while !condition() {
      if now >= end { return false }
      usleep(pause)
      pause = min(pause * 2, 100_000)
    }
    return true
  }

  private static var now: Double {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
  }
}
