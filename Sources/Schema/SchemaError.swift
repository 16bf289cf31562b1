/// Why a database cannot take what is to be written, and what helps.
public struct SchemaError: Error, Sendable, Equatable, CustomStringConvertible {
  /// What is wrong.
  public let problem: String
  /// What the operator can do.
  public let remedy: String

  /// A problem with its remedy.
  public init(_ problem: String, remedy: String) {
    self.problem = problem
    self.remedy = remedy
  }

  /// Both on one line.
  public var description: String { "\(problem); \(remedy)" }
}
