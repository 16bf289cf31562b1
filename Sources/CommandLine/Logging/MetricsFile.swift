internal import Clock
internal import Files
internal import Glibc
internal import Ledger
internal import Migration
internal import Synchronization

/// The state of a run in the text format of Prometheus, in a file that is replaced as the run goes
/// on.
final class MetricsFile: Sendable {
  private struct State {
    var progress = RunProgress()
    var outcomes: [String: Int] = [:]
    var documents = 0
    var written: UInt64?
    var hasFailed = false
  }

  private let path: String
  private let warn: @Sendable (String) -> Void
  private let started = Timestamp.now
  private let state = Mutex(State())

  /// The shortest time between two files, in nanoseconds.
  private static let pause: UInt64 = 10_000_000_000

  /// Creates the file; throws where it cannot be written.
  ///
  /// - Parameter warn: called once where the file can no longer be written.
  init(path: String, warn: @escaping @Sendable (String) -> Void) throws(Failure) {
    self.path = path
    self.warn = warn
    var facts = stat()
    if lstat(path, &facts) == 0, facts.st_mode & S_IFMT != S_IFREG {
      // The file is replaced, and a device or a link must not be.
      throw Failure(
        .preflight, "the metrics file \(path) exists and is no ordinary file",
        remedy: "name a file that is replaced as a whole, in a folder of its own (--metrics-file)")
    }
    do throws(SystemFailure) {
      try write(state.withLock { text($0, exitCode: nil) })
    } catch {
      throw Failure(
        .preflight, "the metrics file \(path) cannot be written: \(error.reason)",
        remedy: "name a file in a folder that exists and that you may write to (--metrics-file)")
    }
  }

  /// Takes an event of the run into account.
  func follow(_ event: MigrationEvent) {
    state.withLock { state in
      _ = state.progress.take(event)
      if case .storeFinished(let result) = event {
        state.outcomes[result.outcome.name, default: 0] += 1
        if case .migrated(let documents) = result.outcome { state.documents += documents }
      }
      let now = MonotonicClock.nanoseconds()
      if let last = state.written, now - last < Self.pause { return }
      state.written = now
      replace(&state, exitCode: nil)
    }
  }

  /// Writes the state after the run.
  func finish(exitCode: ExitCode) {
    state.withLock { replace(&$0, exitCode: exitCode) }
  }

  private func replace(_ state: inout State, exitCode: ExitCode?) {
    guard !state.hasFailed else { return }
    do throws(SystemFailure) {
      try write(text(state, exitCode: exitCode))
    } catch {
      state.hasFailed = true
      warn("the metrics file \(path) can no longer be written: \(error.reason)")
    }
  }

  /// Replaces the file as a whole: a reader sees the old one or the new one.
  private func write(_ text: String) throws(SystemFailure) {
    let new = "\(path).\(getpid()).new"
    unlink(new)
    do throws(SystemFailure) {
      let file = try FileDescriptor(
        opening: new, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, mode: 0o644)
      try file.write(Array(text.utf8))
    } catch {
      unlink(new)
      throw error
    }
    guard rename(new, path) == 0 else {
      let failure = SystemFailure()
      unlink(new)
      throw failure
    }
  }

  private func text(_ state: State, exitCode: ExitCode?) -> String {
    var lines: [String] = []
    func metric(_ name: String, _ help: String, _ values: [(labels: String, value: String)]) {
      lines.append("# HELP vector_ferry_run_\(name) \(help)")
      lines.append("# TYPE vector_ferry_run_\(name) gauge")
      lines += values.map { "vector_ferry_run_\(name)\($0.labels) \($0.value)" }
    }
    metric(
      "stores", "Stores that the run has finished, by outcome.",
      ["migrated", "unchanged", "empty", "failed", "planned"].map {
        ("{outcome=\"\($0)\"}", "\(state.outcomes[$0] ?? 0)")
      })
    metric(
      "stores_to_write", "Stores that the run will write or has written.",
      [("", "\(state.progress.totalStores)")])
    metric("documents", "Documents that the run has committed.", [("", "\(state.documents)")])
    metric(
      "start_time_seconds", "When the run began, since 1970.",
      [("", "\(started.secondsSince1970)")])
    metric(
      "last_update_time_seconds", "When this file was written, since 1970.",
      [("", "\(Timestamp.now.secondsSince1970)")])
    metric(
      "running", "1 while the run is at work, 0 after it.", [("", exitCode == nil ? "1" : "0")])
    if let exitCode {
      metric("exit_code", "The exit code of the run.", [("", "\(exitCode.rawValue)")])
    }
    return lines.joined(separator: "\n") + "\n"
  }
}
