internal import Backups
internal import Files
internal import Ledger
internal import Glibc
internal import Stores
internal import Synchronization

/// Reads a store's digest after its files were unchanged for a while.
///
/// An application writes a store's two files one after the other. Between the two writes the files
/// do not belong together, and a digest does not show this: the digest stays the same while the
/// application pauses there. Files that were not changed for longer than any such pause belong
/// together.
///
/// Where this machine's clock is behind the files' times, because another machine has set these
/// times, the files' age is unknown. Then the sizes and times of these files are read once before
/// the first wait, and the files count as unchanged since that moment: so, one wait is enough for
/// all such stores together.
final class QuietPeriod: Sendable {
  /// The number of seconds for which files must have been unchanged.
  let seconds: Double
  /// The fault in the environment variable for this period; nil where it is valid.
  let problem: Failure?
  private let time: Time
  private let isInterrupted: @Sendable () -> Bool
  private let seen = Mutex<[StoreName: Observation]>([:])

  /// The state of a store's files at a time of the monotonic clock.
  private struct Observation {
    let files: [FileFacts?]
    let moment: ContinuousClock.Instant
  }

  /// The clocks, and the function that waits; tests replace these.
  struct Time: Sendable {
    /// Reads the clock that the file system uses as well.
    var now: @Sendable () -> FileTime = { .now }
    /// Reads the monotonic clock.
    var moment: @Sendable () -> ContinuousClock.Instant = { .now }
    /// Waits for some seconds; returns false where the operator wants to stop.
    var wait: @Sendable (Double, () -> Bool) -> Bool = { Retry.wait($0, isInterrupted: $1) }
  }

  private static let variable = "VECTOR_FERRY_QUIET_SECONDS"

  /// The number of attempts to find the files of a store unchanged.
  private static let tries = 4

  /// Reads the period from `VECTOR_FERRY_QUIET_SECONDS`; the default is two seconds.
  init(
    environment: [String: String], time: Time = Time(),
    isInterrupted: @escaping @Sendable () -> Bool
  ) {
    let named = environment[Self.variable] ?? ""
    let period = named.isEmpty ? 2 : Double(named)
    seconds = period.flatMap { (0...3600).contains($0) ? $0 : nil } ?? 2
    problem =
      seconds == period
      ? nil
      : Failure(
        .preflight,
        "\(Self.variable) is '\(named)', but must be a number of seconds from 0 to 3600",
        remedy: "set the variable to such a number; without the variable, the period is 2 seconds")
    self.time = time
    self.isInterrupted = isInterrupted
  }

  /// Notes the state of stores whose files have times in the future.
  func look(at stores: [FoundStore]) {
    if seconds == 0 { return }
    for store in stores where store.refusal == nil && !isInterrupted() {
      // A store whose files cannot be read is refused later, when it is planned.
      guard let files = try? files(of: store), age(of: files) < 0 else { continue }
      seen.withLock { $0[store.name] = Observation(files: files, moment: time.moment()) }
    }
  }

  /// Returns the digest of files that were unchanged for the period before the digest was computed,
  /// and while it was computed.
  func digest(of store: FoundStore) throws -> SourceDigest {
    for _ in 0..<Self.tries {
      let before = try files(of: store)
      guard time.wait(rest(of: before, in: store), isInterrupted) else {
        throw Failure(.interrupted, "interrupted")
      }
      let digest = try SourceDigest(of: store)
      if seconds == 0 { return digest }
      if try files(of: store) == before { return digest }
    }
    throw Failure(
      .source,
      "the store's files are being written: they were never unchanged for \(seconds) seconds",
      remedy: "stop the application that writes to the files, then run again with --failed")
  }

  /// Returns the facts by which a changed file is recognised, such as its size and times; nil for a
  /// file that does not exist.
  private func files(of store: FoundStore) throws -> [FileFacts?] {
    let directory = try store.open()
    return try store.files.map { try directory.facts(named: $0.name) }
  }

  /// Returns the number of seconds of the period that remain.
  private func rest(of files: [FileFacts?], in store: FoundStore) -> Double {
    var still = age(of: files)
    if let sight = seen.withLock({ $0[store.name] }), sight.files == files {
      still = max(still, (time.moment() - sight.moment) / .seconds(1))
    }
    // For times in the future the wait is not longer than for the present time.
    return min(max(seconds - still, 0), seconds)
  }

  /// Returns the number of seconds since the latest change of a file; negative for a time in the
  /// future, infinite where there are no files.
  private func age(of files: [FileFacts?]) -> Double {
    guard let latest = files.compactMap({ $0?.changed }).max() else { return .infinity }
    return time.now().secondsSince(latest)
  }
}
