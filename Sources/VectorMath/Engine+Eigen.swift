extension Engine {
  /// Computes the `count` leading eigenvalues and eigenvectors of a symmetric matrix whose lower
  /// triangle is given row-major; the matrix is overwritten.
  ///
  /// The three stages are: dense matrix to band matrix, band to tridiagonal, divide and conquer.
  /// Then the first two stages are undone for the requested vectors. Small matrices are solved by
  /// `PlainEigensolver`.
  func leadingEigenvectors(
    of matrix: MatrixTarget, count: Int
  ) throws(EigenproblemError) -> Eigensystem {
    let size = matrix.rows
    let count = min(count, size)
    let scale = try prepare(matrix)
    if scale == 0 { return .zero(size: size, count: count) }
    if size <= Engine.plainSize { return try plain(matrix, count, scale) }
    var system = try staged(matrix.start, size, count)
    system.values = system.values.map { $0 * Double(scale) }
    return system
  }

  /// The largest size of matrices that `PlainEigensolver` solves.
  static let plainSize = 96
  /// The width of the band that the first stage leaves and the second stage reduces.
  static let bandWidth = 48

  /// Copies the lower triangle to the upper, divides all numbers by the largest magnitude, and
  /// returns that magnitude; returns 0 for a matrix of zeros.
  private func prepare(_ matrix: MatrixTarget) throws(EigenproblemError) -> Float {
    let size = matrix.rows
    var largest: Float = 0
    for i in 0..<size {
      let row = matrix.start + i * matrix.stride
      guard kernels.isFinite(row, i + 1) else { throw .notFinite }
      for j in 0...i { largest = max(largest, abs(row[j])) }
    }
    guard largest > 0 else { return 0 }
    // The reciprocal of a subnormal number is too large for Float32.
    let factor = 1 / Double(largest)
    let start = matrix.start
    let stride = matrix.stride
    team.run((size + 31) / 32) { task, _ in
      let rows = task * 32..<min(size, task * 32 + 32)
      for j in 0..<rows.upperBound {
        for i in max(j, rows.lowerBound)..<rows.upperBound {
          let value = Float(Double(start[i * stride + j]) * factor)
          start[i * stride + j] = value
          start[j * stride + i] = value
        }
      }
    }
    return largest
  }

  private func plain(
    _ matrix: MatrixTarget, _ count: Int, _ scale: Float
  ) throws(EigenproblemError) -> Eigensystem {
    let size = matrix.rows
    let wide = (0..<size * size).map { Double(matrix.start[$0 / size * matrix.stride + $0 % size]) }
    let all = try PlainEigensolver.solve(wide, size: size)
    return Eigensystem(
      values: all.values.prefix(count).map { $0 * Double(scale) },
      vectors: all.vectors.prefix(count * size).map { Float($0) })
  }

  private func staged(
    _ matrix: UnsafeMutablePointer<Float>, _ size: Int, _ count: Int
  ) throws(EigenproblemError) -> Eigensystem {
    let band = BandMatrix(size: size, width: Engine.bandWidth)
    let dense = try BandReduction.run(matrix, size: size, into: band, engine: self)
    let chase = try BulgeChasing(band, engine: self)
    let rows = FloatMemory(count: count * size)
    let values = try DivideAndConquer.solve(
      diagonal: chase.diagonal, offDiagonal: chase.offDiagonal, count: count, into: rows.start,
      engine: self)
    let stages = [chase.blocks(engine: self)] + dense.reversed()
    return Eigensystem(values: values, vectors: restore(rows, stages, size, count))
  }

  /// Turns eigenvectors of the tridiagonal matrix, given as rows, into eigenvectors of the dense
  /// matrix.
  private func restore(
    _ rows: FloatMemory, _ stages: [BlockReflectors], _ size: Int, _ count: Int
  ) -> [Float] {
    let width = kernels.tileColumns
    // Tiles may extend beyond the last coordinate.
    let panelSize = (size + kernels.tileRows) * width
    let panels = (count + width - 1) / width
    let perTask = 2
    let workSize = stages.map { $0.workSize(panels: perTask) }.max() ?? 0
    let memory = FloatMemory(count: threads * (perTask * panelSize + workSize))
    return [Float](unsafeUninitializedCapacity: count * size) { buffer, filled in
      filled = count * size
      guard let target = buffer.baseAddress else { return }
      team.run((panels + perTask - 1) / perTask) { task, worker in
        let space = memory.start + worker * (perTask * panelSize + workSize)
        let first = task * perTask
        let taken = min(perTask, panels - first)
        for panel in 0..<taken {
          let row = (first + panel) * width
          kernels.packRows(
            rows.start + row * size, size, min(width, count - row), size, 1, width,
            space + panel * panelSize)
        }
        for stage in stages {
          stage.apply(
            to: space, count: taken, panelSize: panelSize, work: space + perTask * panelSize)
        }
        for panel in 0..<taken {
          let row = (first + panel) * width
          kernels.unpackRows(
            space + panel * panelSize, width, min(width, count - row), size,
            target + row * size, size)
        }
      }
    }
  }
}

extension Eigensystem {
  /// Creates the result for a matrix of zeros: any orthonormal vectors are correct.
  static func zero(size: Int, count: Int) -> Eigensystem {
    var vectors = [Float](repeating: 0, count: count * size)
    for row in 0..<count { vectors[row * size + row] = 1 }
    return Eigensystem(values: Array(repeating: 0, count: count), vectors: vectors)
  }
}
