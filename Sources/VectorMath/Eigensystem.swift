/// Leading eigenvalues and eigenvectors of a symmetric matrix.
struct Eigensystem {
  /// Largest first.
  var values: [Double]
  /// One eigenvector a row, in the order of `values`; row-major, `values.count` × the matrix size.
  var vectors: [Float]
}

/// The eigenproblem could not be solved.
public enum EigenproblemError: Error, Equatable, CustomStringConvertible {
  /// The matrix holds a number that is not finite.
  case notFinite
  /// The iteration did not converge; nothing is returned rather than something wrong.
  case noConvergence(size: Int)
  /// Nobody wants the result any more.
  case interrupted

  /// Cause and remedy in one sentence.
  public var description: String {
    switch self {
    case .notFinite:
      "the second-moment matrix holds numbers that are not finite; the rows are too large in "
        + "magnitude for Float32 (scale them down)"
    case .interrupted: "interrupted"
    case .noConvergence(let size):
      "the eigenvalue iteration on a \(size) × \(size) matrix did not converge"
    }
  }
}
