extension DivideAndConquer {
  /// Joins two neighbouring parts.
  ///
  /// Only the vectors of the `wanted` largest eigenvalues are computed. The rows of the other
  /// eigenvalues are left undefined, and these eigenvalues are set to −∞.
  func join(
    _ whole: Range<Int>, at middle: Int, coupling: Double, wanted: Int
  ) throws(EigenproblemError) {
    var update = RankOneUpdate(self, whole, middle: middle, coupling: coupling)
    let deflation = update.deflate()
    for rotation in deflation.rotations { rotate(rotation, whole) }
    guard !deflation.kept.isEmpty else {
      for (offset, row) in whole.enumerated() {
        values[row] = update.d[offset]
        first[row] = update.first[offset]
        last[row] = update.last[offset]
      }
      return
    }
    let secular = SecularEquation(
      d: deflation.kept.map { update.d[$0] }, z: deflation.kept.map { update.z[$0] },
      rho: update.rho, engine: engine)
    let roots = try secular.roots()
    let weights = secular.weights(roots)
    form(whole, middle, update, deflation, secular, roots, weights, wanted)
  }

  /// Rotates two rows in the plane that the rows span.
  private func rotate(_ rotation: RankOneUpdate.Rotation, _ whole: Range<Int>) {
    let p = vectors.start + (whole.lowerBound + rotation.p) * size
    let q = vectors.start + (whole.lowerBound + rotation.q) * size
    let (c, s) = (Float(rotation.cosine), Float(rotation.sine))
    for column in whole {
      let (x, y) = (p[column], q[column])
      p[column] = c * x + s * y
      q[column] = c * y - s * x
    }
  }

  /// Replaces the rows of both parts by the joined eigenvectors.
  ///
  /// The first of these are combinations of the kept rows, computed for the left and the right
  /// columns from the rows that are not zero there. The rows that deflation has found to be
  /// eigenvectors already follow.
  private func form(
    _ whole: Range<Int>, _ middle: Int, _ update: RankOneUpdate, _ deflation: Deflation,
    _ secular: SecularEquation, _ roots: [SecularRoot], _ weights: [Double], _ wanted: Int
  ) {
    // The rows that are not zero on the left only, on both sides, on the right only.
    let sides = deflation.kept.map { update.sides[$0] }
    let order = [RankOneUpdate.Side.left, .both, .right].flatMap { side in
      sides.indices.filter { sides[$0] == side }
    }
    let onLeft = sides.count { $0 != .right }
    let leftOnly = sides.count { $0 == .left }
    let rows = order.map { deflation.kept[$0] }
    let chosen = choose(wanted, roots.map(\.value), deflation.deflated.map { update.d[$0] })

    let coefficients = FloatMemory(count: max(1, chosen.roots.count * rows.count))
    let ends = secular.combine(
      roots: chosen.roots.map { roots[$0] }, d: order.map { secular.d[$0] },
      z: order.map { weights[$0] }, first: rows.map { update.first[$0] },
      last: rows.map { update.last[$0] }, into: coefficients.start)

    let left = copy(rows.prefix(onLeft), whole, columns: whole.lowerBound..<middle)
    let right = copy(rows.dropFirst(leftOnly), whole, columns: middle..<whole.upperBound)
    let aside = copy(chosen.deflated.map { deflation.deflated[$0] }[...], whole, columns: whole)
    multiply(
      coefficients.start, stride: rows.count, left, chosen.roots.count, onLeft,
      whole.lowerBound, whole.lowerBound..<middle)
    multiply(
      coefficients.start + leftOnly, stride: rows.count, right, chosen.roots.count,
      rows.count - leftOnly, whole.lowerBound, middle..<whole.upperBound)

    var row = whole.lowerBound
    for (index, root) in chosen.roots.enumerated() {
      (values[row], first[row], last[row]) = (roots[root].value, ends[index].0, ends[index].1)
      row += 1
    }
    for (index, place) in chosen.deflated.enumerated() {
      let old = deflation.deflated[place]
      (values[row], first[row], last[row]) = (update.d[old], update.first[old], update.last[old])
      (vectors.start + row * size + whole.lowerBound).update(
        from: aside.start + index * whole.count, count: whole.count)
      row += 1
    }
    while row < whole.upperBound {
      values[row] = -.infinity
      row += 1
    }
  }

  /// Finds which roots and which deflated values are among the `wanted` largest.
  private func choose(
    _ wanted: Int, _ roots: [Double], _ deflated: [Double]
  ) -> (roots: [Int], deflated: [Int]) {
    guard wanted < roots.count + deflated.count else {
      return (Array(roots.indices), Array(deflated.indices))
    }
    let all = roots + deflated
    let chosen = all.indices.sorted { all[$0] > all[$1] }.prefix(wanted).sorted()
    return (
      chosen.filter { $0 < roots.count },
      chosen.filter { $0 >= roots.count }.map { $0 - roots.count }
    )
  }

  private func copy(
    _ rows: ArraySlice<Int>, _ whole: Range<Int>, columns: Range<Int>
  ) -> FloatMemory {
    let result = FloatMemory(count: max(1, rows.count * columns.count))
    let rows = Array(rows)
    let (source, size) = (vectors.start + whole.lowerBound * size + columns.lowerBound, size)
    engine.team.run((rows.count + 63) / 64) { task, _ in
      for index in task * 64..<min(rows.count, task * 64 + 64) {
        (result.start + index * columns.count).update(
          from: source + rows[index] * size, count: columns.count)
      }
    }
    return result
  }

  private func multiply(
    _ coefficients: UnsafePointer<Float>, stride: Int, _ rows: FloatMemory, _ count: Int,
    _ depth: Int, _ first: Int, _ columns: Range<Int>
  ) {
    engine.multiply(
      MatrixView(coefficients, rows: count, columns: depth, stride: stride),
      MatrixView(rows.start, rows: depth, columns: columns.count),
      into: MatrixTarget(
        vectors.start + first * size + columns.lowerBound, rows: count, columns: columns.count,
        stride: size),
      overwrite: true)
  }
}
