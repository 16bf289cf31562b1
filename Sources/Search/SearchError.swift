/// Why a search cannot be made, and what helps.
package struct SearchError: Error, Equatable, CustomStringConvertible {
  /// What is wrong, and with what.
  package let problem: String
  /// What the operator can do; empty where the problem says it.
  package let remedy: String

  /// A problem with its remedy.
  package init(_ problem: String, remedy: String = "") {
    self.problem = problem
    self.remedy = remedy
  }

  /// Both on one line.
  package var description: String { remedy.isEmpty ? problem : "\(problem); \(remedy)" }
}
