/// The leading eigenvalues and eigenvectors of a symmetric matrix.
struct Eigensystem {
  /// The eigenvalues, largest first.
  var values: [Double]
  /// The eigenvectors, one in each row, in the order of `values`; row-major, `values.count` × the
  /// matrix size.
  var vectors: [Float]
}

/// The reason why an eigenproblem could not be solved.
public enum EigenproblemError: Error, Equatable, CustomStringConvertible {
  /// The matrix contains a number that is not finite.
  case notFinite
  /// The iteration did not converge; a wrong result is never returned.
  case noConvergence(size: Int)
  /// The caller no longer needs the result.
  case interrupted

  /// The cause in one sentence, with the remedy where there is one.
  public var description: String {
    switch self {
    case .notFinite:
      "the second-moment matrix holds numbers that are not finite; the rows are too large in "
        + "magnitude for Float32 (scale the rows down)"
    case .interrupted: "interrupted"
    case .noConvergence(let size):
      "the eigenvalue iteration on a \(size) × \(size) matrix did not converge"
    }
  }
}
