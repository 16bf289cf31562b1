/// An error that says what it is in the words of a report.
package protocol FailureCause: Error {
  /// The words.
  var failure: Failure { get }
}

/// Why one store, or the whole run, did not come about, and what helps.
package struct Failure: Error, Sendable, Equatable, CustomStringConvertible {
  /// What kind of thing went wrong, for exit codes and reports.
  package enum Kind: String, Sendable {
    /// The files cannot be taken as they are.
    case source
    /// The database refused or could not be reached.
    case database
    /// The backup could not be made.
    case backup
    /// What was read back is not what was sent.
    case verification
    /// Something stands against the run as a whole, and nothing was touched.
    case preflight
    /// The run as a whole failed after its copies were written, and before anything of a store was.
    case begun
    /// Another run had the store until the end.
    case taken
    /// The operator asked to stop.
    case interrupted
    /// Nothing that this program expects; the reason alone says what it was.
    case unknown
  }

  /// What kind of thing went wrong.
  package let kind: Kind
  /// What is wrong and where.
  package let reason: String
  /// What the operator can do; nil where the reason says it.
  package let remedy: String?

  /// A failure with its remedy.
  package init(_ kind: Kind, _ reason: String, remedy: String? = nil) {
    self.kind = kind
    self.reason = reason
    self.remedy = remedy
  }

  /// The same failure with the operator's own folder in place of its copy.
  package func naming(_ path: String, insteadOf copy: String?) -> Failure {
    guard let copy else { return self }
    return Failure(kind, reason.replacing("\(copy)/", with: "\(path)/"), remedy: remedy)
  }

  /// Both on one line.
  package var description: String { remedy.map { "\(reason); \($0)" } ?? reason }
}
