/// The third stage of solving an eigenproblem: computes eigenvectors of a symmetric tridiagonal
/// matrix by divide and conquer.
///
/// The matrix is split into small blocks, each solved by QL steps, and the blocks are joined in
/// pairs. A join is a rank-one update, whose eigenvalues are the roots of a secular equation
/// (Cuppen); vectors are kept orthogonal as Gu and Eisenstat describe. Eigenvalues and the first
/// and last components of vectors, which are all that a join needs, are Float64; the vectors
/// themselves are Float32, and are changed by matrix products and by single rotations of two rows.
final class DivideAndConquer {
  let engine: Engine
  let size: Int
  /// The eigenvectors as rows; the vectors of each part of the matrix are a block on the diagonal.
  let vectors: FloatMemory
  /// The eigenvalue of each row, in no particular order within a part.
  var values: [Double]
  /// The first and the last component of each row within its part.
  var first: [Double]
  var last: [Double]
  /// The largest value that counts as zero: the precision of Float32, relative to the norm of the
  /// matrix.
  let tolerance: Double

  /// The largest size of parts that are solved directly, without another division.
  static let smallest = 48

  private var offDiagonal: [Double]

  private init(_ diagonal: [Double], _ offDiagonal: [Double], engine: Engine) {
    self.engine = engine
    size = diagonal.count
    vectors = FloatMemory(count: size * size)
    values = diagonal
    self.offDiagonal = offDiagonal
    first = Array(repeating: 0, count: size)
    last = Array(repeating: 0, count: size)
    let norm = max(
      diagonal.reduce(0) { max($0, abs($1)) }, offDiagonal.reduce(0) { max($0, abs($1)) })
    tolerance = norm * 0x1p-25
  }

  /// Computes the `count` largest eigenvalues, largest first, and writes their eigenvectors to the
  /// rows of `target`.
  static func solve(
    diagonal: [Double], offDiagonal: [Double], count: Int,
    into target: UnsafeMutablePointer<Float>, engine: Engine
  ) throws(EigenproblemError) -> [Double] {
    let solver = DivideAndConquer(diagonal, offDiagonal, engine: engine)
    var parts = solver.tear()
    try solver.solveSmall(parts)
    while parts.count > 1 {
      var joined: [Range<Int>] = []
      for index in stride(from: 0, to: parts.count - 1, by: 2) {
        try engine.checkStop()
        let whole = parts[index].lowerBound..<parts[index + 1].upperBound
        try solver.join(
          whole, at: parts[index].upperBound,
          coupling: solver.offDiagonal[parts[index].upperBound - 1],
          wanted: parts.count == 2 ? count : whole.count)
        joined.append(whole)
      }
      if parts.count % 2 == 1 { joined.append(parts[parts.count - 1]) }
      parts = joined
    }
    return solver.deliver(count, into: target)
  }

  /// Halves the matrix until the parts are small; the coupling of two parts is subtracted from the
  /// diagonal on both sides of the cut.
  private func tear() -> [Range<Int>] {
    var parts = [0..<size]
    while let largest = parts.map(\.count).max(), largest > DivideAndConquer.smallest {
      parts = parts.flatMap { part -> [Range<Int>] in
        let middle = part.lowerBound + part.count / 2
        return [part.lowerBound..<middle, middle..<part.upperBound]
      }
    }
    for part in parts.dropFirst() {
      let coupling = abs(offDiagonal[part.lowerBound - 1])
      values[part.lowerBound - 1] -= coupling
      values[part.lowerBound] -= coupling
    }
    return parts
  }

  private func solveSmall(_ parts: [Range<Int>]) throws(EigenproblemError) {
    var solutions = [SmallSolution?](repeating: nil, count: parts.count)
    let (values, offDiagonal) = (values, offDiagonal)
    solutions.withUnsafeMutableBufferPointer { solutions in
      // Each task writes its own element.
      let solutions = solutions
      engine.team.run(parts.count) { task, _ in
        let part = parts[task]
        solutions[task] = SmallSolution(
          diagonal: Array(values[part]), offDiagonal: Array(offDiagonal[part.dropLast()]))
      }
    }
    for (part, solution) in zip(parts, solutions) {
      guard let solution else { throw .noConvergence(size: part.count) }
      for row in 0..<part.count {
        let line = solution.vectors[row * part.count..<(row + 1) * part.count]
        self.values[part.lowerBound + row] = solution.values[row]
        first[part.lowerBound + row] = line.first ?? 0
        last[part.lowerBound + row] = line.last ?? 0
        let target = vectors.start + (part.lowerBound + row) * size + part.lowerBound
        for (column, value) in line.enumerated() { target[column] = Float(value) }
      }
    }
  }

  private func deliver(_ count: Int, into target: UnsafeMutablePointer<Float>) -> [Double] {
    let order = (0..<size).sorted { values[$0] > values[$1] }.prefix(count)
    for (row, index) in order.enumerated() {
      (target + row * size).update(from: vectors.start + index * size, count: size)
    }
    return order.map { values[$0] }
  }
}

/// The eigenvalues and eigenvectors of a small tridiagonal matrix by QL steps; nil where the steps
/// do not converge.
private struct SmallSolution {
  let values: [Double]
  /// The eigenvectors, one in each row.
  let vectors: [Double]

  init?(diagonal: [Double], offDiagonal: [Double]) {
    let size = diagonal.count
    var d = diagonal
    var e = offDiagonal + [0]
    var rows = [Double](repeating: 0, count: size * size)
    for index in 0..<size { rows[index * size + index] = 1 }
    do {
      try TridiagonalSteps.iterate(&d, &e) { upper, lower, cosine, sine in
        for k in 0..<size {
          let (p, q) = (rows[upper * size + k], rows[lower * size + k])
          rows[upper * size + k] = cosine * p - sine * q
          rows[lower * size + k] = sine * p + cosine * q
        }
      }
    } catch {
      return nil
    }
    values = d
    vectors = rows
  }
}
