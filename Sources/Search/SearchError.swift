/// Why a search cannot be made, and what helps.
public struct SearchError: Error, Equatable, CustomStringConvertible {
  /// What is wrong, and with what.
  public let problem: String
  /// What the operator can do; empty where the problem says it.
  public let remedy: String

  /// A problem with its remedy.
  public init(_ problem: String, remedy: String = "") {
    self.problem = problem
    self.remedy = remedy
  }

  /// Both on one line.
  public var description: String { remedy.isEmpty ? problem : "\(problem); \(remedy)" }
}
