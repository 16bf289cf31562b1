internal import Backups
internal import Ledger
internal import Glibc
internal import Stores
internal import Synchronization

/// Reads a store's digest at a moment when nobody has touched its files for a while.
///
/// An application writes a store's two files one after the other. Between the two they are a pair
/// that never was, and a digest cannot tell: it stays the same for as long as the application
/// pauses there. Files that have lain still for longer than any such pause are of one version.
///
/// Where a clock stands behind the files' times, as another machine's may have set them, their age
/// says nothing. They are looked at once before the first store is waited for, and have lain still
/// since then: so all stores together are waited for once.
final class QuietPeriod: Sendable {
  /// For how many seconds files must have lain still.
  let seconds: Double
  /// What is wrong with the variable that names them; nil where nothing is.
  let problem: Failure?
  private let isInterrupted: @Sendable () -> Bool
  private let seen = Mutex<[StoreName: Sight]>([:])

  /// What a store's files were at a moment of a clock that nobody sets.
  private struct Sight {
    let files: [FileFacts?]
    let moment: ContinuousClock.Instant
  }

  private static let variable = "VECTOR_FERRY_QUIET_SECONDS"

  /// How often a store that goes on changing is waited for.
  private static let tries = 4

  /// The period that `VECTOR_FERRY_QUIET_SECONDS` names, or two seconds.
  init(environment: [String: String], isInterrupted: @escaping @Sendable () -> Bool) {
    let named = environment[Self.variable] ?? ""
    let period = named.isEmpty ? 2 : Double(named)
    seconds = period.flatMap { (0...3600).contains($0) ? $0 : nil } ?? 2
    problem =
      seconds == period
      ? nil
      : Failure(
        .preflight, "\(Self.variable) is '\(named)': it takes seconds from 0 to 3600",
        remedy: "set it to such a number, or leave it out for 2 seconds")
    self.isInterrupted = isInterrupted
  }

  /// Looks at the stores whose files have times that are still to come.
  func look(at stores: [FoundStore]) {
    if seconds == 0 { return }
    for store in stores where store.refusal == nil && !isInterrupted() {
      // What cannot be looked at is refused when its turn comes.
      guard let files = try? files(of: store), age(of: files) < 0 else { continue }
      seen.withLock { $0[store.name] = Sight(files: files, moment: .now) }
    }
  }

  /// The digest of files that were still before it was read, and while it was.
  func digest(of store: FoundStore) throws -> SourceDigest {
    for _ in 0..<Self.tries {
      let before = try files(of: store)
      guard Retry.wait(rest(of: before, in: store), isInterrupted: isInterrupted) else {
        throw Failure(.interrupted, "interrupted")
      }
      let digest = try SourceDigest(of: store)
      if seconds == 0 { return digest }
      if try files(of: store) == before { return digest }
    }
    throw Failure(
      .source, "its files are being written: they never lay still for \(seconds) seconds",
      remedy: "stop the application that writes to them, then run again with --failed")
  }

  /// What tells a file from itself after a change: its entry, size and times.
  private func files(of store: FoundStore) throws -> [FileFacts?] {
    let directory = try store.open()
    return try store.files.map { try directory.facts(named: $0.name) }
  }

  /// How much of the period is still to come.
  private func rest(of files: [FileFacts?], in store: FoundStore) -> Double {
    var still = age(of: files)
    if let sight = seen.withLock({ $0[store.name] }), sight.files == files {
      still = max(still, (ContinuousClock.now - sight.moment) / .seconds(1))
    }
    // Times from the future are waited for no longer than the present.
    return min(max(seconds - still, 0), seconds)
  }

  /// How long ago the latest of the files changed; negative for a time that is still to come.
  private func age(of files: [FileFacts?]) -> Double {
    guard let latest = files.compactMap({ $0?.changed }).max() else { return .infinity }
    return FileTime.now.secondsSince(latest)
  }
}
