/// The result of one check of `doctor`.
package struct Finding: Sendable, Equatable {
  /// How serious a finding is.
  package enum Level: String, Sendable, CaseIterable, Comparable {
    /// Nothing is wrong.
    case fine = "ok"
    /// The check cannot be made from here, with any role, because the server runs elsewhere.
    case unknown
    /// A run is possible, but the operator should check the finding.
    case warning
    /// A run would fail or lose data that should be kept, or the check could not be made.
    case problem

    /// Orders levels from the least to the most serious.
    package static func < (left: Level, right: Level) -> Bool {
      (allCases.firstIndex(of: left) ?? 0) < (allCases.firstIndex(of: right) ?? 0)
    }
  }

  /// The check's name for scripts, such as `pgvector`.
  package let check: String
  /// How serious the finding is.
  package let level: Level
  /// The finding in words.
  package let text: String
  /// The remedy for the operator; nil where nothing is needed.
  package let remedy: String?
  /// True where a live run does not start because of this finding.
  package let stopsRuns: Bool
  /// False where the check could not be made.
  package var wasLookedAt = true

  /// Creates the finding of a check that was made.
  ///
  /// - Parameter stopsRuns: nil to stop runs exactly where the level is a problem.
  package init(
    _ check: String, _ level: Level, _ text: String, remedy: String? = nil,
    stopsRuns: Bool? = nil
  ) {
    self.stopsRuns = stopsRuns ?? (level == .problem)
    self.check = check
    self.level = level
    self.text = text
    self.remedy = remedy
  }

  /// Creates the finding of a check that could not be made, which is a problem.
  ///
  /// The finding does not stop a run: the run itself finds out what it needs, and reports more.
  static func notLookedAt(_ check: String, _ reason: String, remedy: String?) -> Finding {
    var finding = Finding(
      check, .problem, "could not be checked: \(reason)", remedy: remedy, stopsRuns: false)
    finding.wasLookedAt = false
    return finding
  }
}
