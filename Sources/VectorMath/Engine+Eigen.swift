extension Engine {
  /// The `count` leading eigenvalues and eigenvectors of a symmetric matrix whose lower triangle
  /// is given row-major in `matrix`.
  func leadingEigenvectors(
    of matrix: MatrixTarget, count: Int
  ) throws(EigenproblemError) -> Eigensystem {
    let size = matrix.rows
    var wide = [Double](repeating: 0, count: size * size)
    for i in 0..<size {
      for j in 0...i {
        let value = Double(matrix.start[i * matrix.stride + j])
        wide[i * size + j] = value
        wide[j * size + i] = value
      }
    }
    let all = try PlainEigensolver.solve(wide, size: size)
    let kept = min(count, size)
    return Eigensystem(
      values: Array(all.values.prefix(kept)),
      vectors: all.vectors.prefix(kept * size).map { Float($0) })
  }
}
