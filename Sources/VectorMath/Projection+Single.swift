// One vector at a time, in double precision: the reference for the batch form and for SQL.

extension Projection {
  /// Reduces a query.
  ///
  /// The length of its part outside the components' span goes into the query slot, so that the
  /// query's length, and with it every cosine, stays unchanged.
  public func reduceQuery(_ vector: [Float]) throws(ProjectionError) -> [Float] {
    try reduce(vector, residualSlot: queryResidualSlot)
  }

  /// Reduces a document that was not among the fitted rows.
  ///
  /// The length of its part outside the components' span goes into the document slot where there is
  /// one.
  public func reduceDocument(_ vector: [Float]) throws(ProjectionError) -> [Float] {
    try reduce(vector, residualSlot: documentResidualSlot)
  }

  /// Reduces a document that another projection has reduced, from its reduced form.
  ///
  /// Its part in the other's span is recovered; of the rest the other may have kept the length,
  /// which this projection keeps, too, where it has a slot for it.
  public func reduceDocument(
    _ reduced: [Float], from other: Projection
  ) throws(ProjectionError) -> [Float] {
    var result = try reduceDocument(other.expand(reduced))
    if let theirs = other.documentResidualSlot, let ours = documentResidualSlot {
      let rest = Double(reduced[theirs])
      result[ours] = Float((Double(result[ours]) * Double(result[ours]) + rest * rest).squareRoot())
    }
    return result
  }

  /// Computes the vector in the components' span that a reduced one represents; for a truncation,
  /// its numbers followed by zeros.
  public func expand(_ reduced: [Float]) throws(ProjectionError) -> [Float] {
    guard reduced.count == outputDimensions else {
      throw .wrongLength(expected: outputDimensions, found: reduced.count)
    }
    if kind == .truncated {
      return reduced + [Float](repeating: 0, count: inputDimensions - outputDimensions)
    }
    var sums = mean.isEmpty ? [Double](repeating: 0, count: inputDimensions) : widened(mean)
    components.withUnsafeBufferPointer { components in
      for row in 0..<rank {
        let weight = Double(reduced[row])
        for j in 0..<inputDimensions {
          sums[j] += weight * Double(components[row * inputDimensions + j])
        }
      }
    }
    return sums.map { Float($0) }
  }

  private func reduce(_ vector: [Float], residualSlot: Int?) throws(ProjectionError) -> [Float] {
    guard vector.count == inputDimensions else {
      throw .wrongLength(expected: inputDimensions, found: vector.count)
    }
    if let position = vector.firstIndex(where: { !$0.isFinite }) {
      throw .notFinite(row: 0, position: position)
    }
    if kind == .truncated { return truncate(vector) }
    let x = kind == .centered ? zip(vector, mean).map { Double($0) - Double($1) } : widened(vector)
    var reduced = [Float](repeating: 0, count: outputDimensions)
    var rest = x
    components.withUnsafeBufferPointer { components in
      for row in 0..<rank {
        let component = row * inputDimensions
        var sum = 0.0
        for j in 0..<inputDimensions { sum += Double(components[component + j]) * x[j] }
        reduced[row] = Float(sum)
        guard residualSlot != nil else { continue }
        for j in 0..<inputDimensions { rest[j] -= sum * Double(components[component + j]) }
      }
    }
    if let residualSlot {
      reduced[residualSlot] = Float(rest.reduce(0) { $0 + $1 * $1 }.squareRoot())
    }
    return reduced
  }

  private func widened(_ vector: [Float]) -> [Double] { vector.map { Double($0) } }

  private func truncate(_ vector: [Float]) -> [Float] {
    let head = vector.prefix(outputDimensions)
    let length = head.reduce(0.0) { $0 + Double($1) * Double($1) }.squareRoot()
    guard length > 0 else { return Array(head) }
    return head.map { Float(Double($0) / length) }
  }
}
