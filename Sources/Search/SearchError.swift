/// The reason why a search is not possible, and the remedy.
package struct SearchError: Error, Equatable, CustomStringConvertible {
  /// The problem, in words.
  package let problem: String
  /// The remedy for the operator; empty where the problem says it already.
  package let remedy: String

  /// Creates an error from a problem and its remedy.
  package init(_ problem: String, remedy: String = "") {
    self.problem = problem
    self.remedy = remedy
  }

  /// The problem and its remedy on one line.
  package var description: String { remedy.isEmpty ? problem : "\(problem); \(remedy)" }
}
