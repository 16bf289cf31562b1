/// The result of one check of `doctor`.
package struct Finding: Sendable, Equatable {
  /// The seriousness of a finding.
  package enum Level: String, Sendable, CaseIterable, Comparable {
    /// Nothing is wrong.
    case fine = "ok"
    /// The check cannot be made from this machine, whatever the role, because the server runs
    /// elsewhere.
    case unknown
    /// A run is possible, but the operator should look at the finding.
    case warning
    /// A run would fail, or would lose data that should be kept; or the check could not be made.
    case problem

    /// Returns true where `left` is less serious than `right`.
    package static func < (left: Level, right: Level) -> Bool {
      (allCases.firstIndex(of: left) ?? 0) < (allCases.firstIndex(of: right) ?? 0)
    }
  }

  /// The name of the check, such as `pgvector`, by which scripts recognize it.
  package let check: String
  /// The seriousness of the finding.
  package let level: Level
  /// The finding in words.
  package let text: String
  /// The advice to the operator; nil where nothing has to be done.
  package let remedy: String?
  /// True where a live run does not start because of this finding.
  package let stopsRuns: Bool
  /// False where the check could not be made.
  package var wasLookedAt = true

  /// Creates the finding of a check that was made.
  ///
  /// - Parameter stopsRuns: nil where a problem stops runs and every other level does not.
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

  /// Creates the finding of a check that could not be made, which counts as a problem.
  ///
  /// Such a finding does not stop a run: the run itself finds out whether something is missing.
  static func notLookedAt(_ check: String, _ reason: String, remedy: String?) -> Finding {
    var finding = Finding(
      check, .problem, "could not be checked: \(reason)", remedy: remedy, stopsRuns: false)
    finding.wasLookedAt = false
    return finding
  }
}
