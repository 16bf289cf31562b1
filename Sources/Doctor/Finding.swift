/// What one check of `doctor` has found.
package struct Finding: Sendable, Equatable {
  /// How grave it is.
  package enum Level: String, Sendable, CaseIterable, Comparable {
    /// Nothing is wrong.
    case fine = "ok"
    /// It cannot be seen from here, whatever the role: a server elsewhere.
    case unknown
    /// A run is possible; this should be looked at.
    case warning
    /// A run would fail, or lose what was meant to be kept; or it could not be looked at.
    case problem

    /// Graver is greater.
    package static func < (left: Level, right: Level) -> Bool {
      (allCases.firstIndex(of: left) ?? 0) < (allCases.firstIndex(of: right) ?? 0)
    }
  }

  /// The check's name for scripts: `pgvector`.
  package let check: String
  /// How grave it is.
  package let level: Level
  /// What was found.
  package let text: String
  /// What helps; nil where nothing has to.
  package let remedy: String?
  /// A live run does not begin.
  package let stopsRuns: Bool
  /// False where the check could not be made.
  package var wasLookedAt = true

  /// - Parameter stopsRuns: nil where a problem does.
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

  /// A check that could not be made, which is a problem of its own.
  ///
  /// It stops no run, which finds out for itself what it needs, and says more.
  static func notLookedAt(_ check: String, _ reason: String, remedy: String?) -> Finding {
    var finding = Finding(
      check, .problem, "could not be looked at: \(reason)", remedy: remedy, stopsRuns: false)
    finding.wasLookedAt = false
    return finding
  }
}
