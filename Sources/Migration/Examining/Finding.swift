/// What one check of `doctor` has found.
public struct Finding: Sendable, Equatable {
  /// How grave it is.
  public enum Level: String, Sendable, CaseIterable, Comparable {
    /// Nothing is wrong.
    case fine = "ok"
    /// It could not be found out from here.
    case unknown
    /// A run is possible; this should be looked at.
    case warning
    /// A run would fail, or lose what was meant to be kept.
    case problem

    /// Graver is greater.
    public static func < (left: Level, right: Level) -> Bool {
      (allCases.firstIndex(of: left) ?? 0) < (allCases.firstIndex(of: right) ?? 0)
    }
  }

  /// The check's name for scripts: `pgvector`.
  public let check: String
  /// How grave it is.
  public let level: Level
  /// What was found.
  public let text: String
  /// What helps; nil where nothing has to.
  public let remedy: String?

  init(_ check: String, _ level: Level, _ text: String, remedy: String? = nil) {
    self.check = check
    self.level = level
    self.text = text
    self.remedy = remedy
  }
}
