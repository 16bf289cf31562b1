/// The reason why something cannot be written to a database, and the remedy.
package struct SchemaError: Error, Sendable, Equatable, CustomStringConvertible {
  /// The problem, in words.
  package let problem: String
  /// The remedy for the operator.
  package let remedy: String

  /// Creates an error with its remedy.
  package init(_ problem: String, remedy: String) {
    self.problem = problem
    self.remedy = remedy
  }

  /// The problem and the remedy on one line.
  package var description: String { "\(problem); \(remedy)" }
}
