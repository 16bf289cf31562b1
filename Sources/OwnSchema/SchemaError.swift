/// Why a database cannot take what is to be written, and what helps.
package struct SchemaError: Error, Sendable, Equatable, CustomStringConvertible {
  /// What is wrong.
  package let problem: String
  /// What the operator can do.
  package let remedy: String

  /// A problem with its remedy.
  package init(_ problem: String, remedy: String) {
    self.problem = problem
    self.remedy = remedy
  }

  /// Both on one line.
  package var description: String { "\(problem); \(remedy)" }
}
