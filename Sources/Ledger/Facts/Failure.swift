/// An error that can be converted into a failure for reports.
package protocol FailureCause: Error {
  /// The failure that reports show.
  var failure: Failure { get }
}

/// The failure of a store or of the whole run, and the remedy for the operator.
package struct Failure: Error, Sendable, Equatable, CustomStringConvertible {
  /// The kind of a failure, for exit codes and reports.
  package enum Kind: String, Sendable {
    /// The files cannot be migrated as they are.
    case source
    /// The database refused a request, or could not be reached.
    case database
    /// The backup could not be made.
    case backup
    /// The data that were read back differ from the data that were sent.
    case verification
    /// Something prevents the run as a whole, and nothing was changed.
    case preflight
    /// The run as a whole failed after its backups were written, and before any store was written.
    case begun
    /// Another run held the store until the end.
    case taken
    /// The operator asked to stop.
    case interrupted
    /// This program does not expect the error; only the reason says what has happened.
    case unknown
  }

  /// The kind of the failure.
  package let kind: Kind
  /// The fault, and where it is.
  package let reason: String
  /// The remedy for the operator; nil where the reason says it, or none is known.
  package let remedy: String?

  /// Creates a failure with its remedy.
  package init(_ kind: Kind, _ reason: String, remedy: String? = nil) {
    self.kind = kind
    self.reason = reason
    self.remedy = remedy
  }

  /// Returns the same failure with the operator's own path in its reason, where the reason names a
  /// path in the copy; returns the failure unchanged where `copy` is nil.
  package func naming(_ path: String, insteadOf copy: String?) -> Failure {
    guard let copy else { return self }
    return Failure(kind, reason.replacing("\(copy)/", with: "\(path)/"), remedy: remedy)
  }

  /// The reason and the remedy on one line.
  package var description: String { remedy.map { "\(reason); \($0)" } ?? reason }
}
