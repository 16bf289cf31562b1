internal import Clock
internal import Postgres

/// Watches an index build from a second session, while the first session waits for the server's
/// answer.
final class BuildWatch {
  private let connection: Connection?
  private let process: Int
  private let observe: (IndexEvent) -> Void
  private var progress: BuildProgress
  private var looked = 0.0
  /// The phase, the time and the number of rows from which the rate is computed.
  private var began: (phase: String, at: Double, rows: Int) = ("", 0, 0)
  private var reported: Set<Int> = []
  private(set) var blockers: [Blocker] = []

  /// Creates a watch of the build by the server process `process`.
  ///
  /// - Parameter connection: the second session; without it only the end of the build is reported.
  init(
    _ process: Int, rows: Int, isConcurrent: Bool, from connection: Connection?,
    observe: @escaping (IndexEvent) -> Void
  ) {
    self.connection = connection
    self.process = process
    self.observe = observe
    progress = BuildProgress(rows: rows, isConcurrent: isConcurrent)
  }

  /// Reads and reports the progress, at most five times a second; an error in this does not stop
  /// the build.
  func look() {
    let now = MonotonicClock.seconds()
    guard now - looked >= 0.2, let connection, connection.isUsable else { return }
    looked = now
    guard let sample = try? BuildSample.read(process, on: connection) else { return }
    progress.take(sample)
    progress.rate = rate(sample, at: now)
    progress.blocker = sample.locker.flatMap { try? Blocker.read($0, on: connection) }
    if let blocker = progress.blocker, reported.insert(blocker.process ?? 0).inserted {
      blockers.append(blocker)
      observe(.waiting(blocker))
    }
    observe(.progress(progress))
  }

  private func rate(_ sample: BuildSample, at now: Double) -> Double? {
    if began.phase != sample.phase {
      began = (sample.phase, now, sample.tuplesDone)
      return nil
    }
    // Only the last seconds count: a build that has run out of memory is much slower afterwards.
    guard now - began.at >= 2, sample.tuplesDone >= began.rows else { return progress.rate }
    defer { began = (sample.phase, now, sample.tuplesDone) }
    return Double(sample.tuplesDone - began.rows) / (now - began.at)
  }

  /// Reports that the build has ended successfully.
  func end() {
    progress.end()
    observe(.progress(progress))
  }
}
