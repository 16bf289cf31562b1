internal import Glibc
internal import Stores

/// Reads a store's digest at a moment when nobody has touched its files for a while.
///
/// An application writes a store's two files one after the other. Between the two they are a pair
/// that never was, and a digest cannot tell: it stays the same for as long as the application
/// pauses there. Files that have lain still for longer than any such pause are of one version.
struct QuietPeriod: Sendable {
  /// For how many seconds files must have lain still.
  let seconds: Double
  private let isInterrupted: @Sendable () -> Bool

  /// How often a store that goes on changing is waited for.
  private static let tries = 4

  /// The period that `VECTOR_FERRY_QUIET_SECONDS` names, or two seconds.
  init(environment: [String: String], isInterrupted: @escaping @Sendable () -> Bool) {
    let named = environment["VECTOR_FERRY_QUIET_SECONDS"].flatMap(Double.init) ?? 2
    seconds = named.isFinite ? min(max(named, 0), 3600) : 2
    self.isInterrupted = isInterrupted
  }

  /// The digest of files that were still before it was read, and while it was.
  func digest(of store: FoundStore) throws -> SourceDigest {
    for _ in 0..<Self.tries {
      let before = try files(of: store)
      guard Retry.wait(rest(of: before), isInterrupted: isInterrupted) else {
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
  ///
  /// Times from the future, as another machine's clock may have set them, are waited for no longer
  /// than the present.
  private func rest(of files: [FileFacts?]) -> Double {
    var now = timespec()
    clock_gettime(CLOCK_REALTIME, &now)
    let latest = files.compactMap { $0?.changed }.max() ?? 0
    let age = Double(now.tv_sec) + Double(now.tv_nsec) / 1e9 - Double(latest) / 1e9
    return min(max(seconds - age, 0), seconds)
  }
}
