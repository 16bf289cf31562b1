package import Postgres

/// The progress of an index build.
package struct BuildProgress: Sendable, Equatable {
  /// The share of the work that is done, from 0 to 1; it never falls, and is 1 only after the end.
  package private(set) var fraction = 0.0
  /// The present phase of the build, as the server names it.
  package private(set) var phase = "starting"
  /// The number of rows that were indexed in this phase; nil where the server does not count them.
  package private(set) var rows: Int?
  /// The number of rows per second in this phase; nil where it is not known.
  package var rate: Double?
  /// The session that the build waits for; nil where it waits for no session.
  package var blocker: Blocker?

  let expectedRows: Int
  let isConcurrent: Bool

  /// Creates the progress of a build that has not begun.
  init(rows: Int, isConcurrent: Bool) {
    expectedRows = rows
    self.isConcurrent = isConcurrent
  }

  /// The shares of the work at the beginning and at the end of each phase, by the first words of
  /// the phase's name.
  private static let concurrentPhases: [(name: String, from: Double, to: Double)] = [
    ("waiting for the table", 0, 0.01), ("initializing", 0, 0.01),
    ("waiting for writers before build", 0.01, 0.02),
    ("building index: initializing", 0.02, 0.03),
    ("building index: performing k-means", 0.03, 0.2),
    ("building index: assigning tuples", 0.2, 0.6), ("building index: sorting", 0.6, 0.65),
    ("building index: loading tuples", 0.03, 0.88), ("building index", 0.02, 0.88),
    ("waiting for writers before validation", 0.88, 0.9),
    ("index validation: scanning index", 0.9, 0.93),
    ("index validation: sorting tuples", 0.93, 0.94),
    ("index validation: scanning table", 0.94, 0.98), ("waiting for old snapshots", 0.98, 0.99),
    ("waiting for readers", 0.98, 0.99),
  ]

  /// Updates the progress from a report of the server; a report that shows less does not change the
  /// share.
  mutating func take(_ sample: BuildSample) {
    phase = sample.phase
    rows = sample.tuplesDone > 0 ? sample.tuplesDone : nil
    guard let known = Self.concurrentPhases.first(where: { sample.phase.hasPrefix($0.name) })
    else { return }
    var value = known.from + (known.to - known.from) * share(of: sample)
    // A build that is not concurrent ends with the loading.
    if !isConcurrent { value /= 0.89 }
    fraction = max(fraction, min(value, 0.99))
  }

  /// Sets the share to 1, after the build has ended; nothing else does that.
  mutating func end() {
    fraction = 1
    phase = "done"
    rows = nil
    rate = nil
    blocker = nil
  }

  private func share(of sample: BuildSample) -> Double {
    func part(_ done: Int, _ total: Int) -> Double {
      total > 0 ? min(1, Double(done) / Double(total)) : 0
    }
    if sample.lockersTotal > 0, sample.phase.hasPrefix("waiting") {
      return part(sample.lockersDone, sample.lockersTotal)
    }
    if sample.tuplesTotal > 0 { return part(sample.tuplesDone, sample.tuplesTotal) }
    // HNSW does not set tuples_total; its rows were counted beforehand.
    return sample.tuplesDone > 0
      ? part(sample.tuplesDone, expectedRows) : part(sample.blocksDone, sample.blocksTotal)
  }
}
