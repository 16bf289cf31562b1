// One vector at a time, in double precision: the reference for the batch form and for SQL.

extension Projection {
  /// Reduces a query.
  ///
  /// The length of the part that is not kept goes into the query slot. So the length of the query,
  /// and with it every cosine, stays unchanged.
  public func reduceQuery(_ vector: [Float]) throws(ProjectionError) -> [Float] {
    try reduce(vector, residualSlot: queryResidualSlot)
  }

  /// Reduces a document that was not among the fitted rows.
  ///
  /// The length of the part that is not kept goes into the document slot, where there is one.
  public func reduceDocument(_ vector: [Float]) throws(ProjectionError) -> [Float] {
    try reduce(vector, residualSlot: documentResidualSlot)
  }

  /// Computes the shortest vector whose reduced form is `reduced`; the residuals are ignored.
  ///
  /// The result lies in the span of the components, or for an aligned projection in the span of the
  /// first coordinates, turned back. For a truncation, the result is the numbers followed by zeros.
  public func expand(_ reduced: [Float]) throws(ProjectionError) -> [Float] {
    guard reduced.count == outputDimensions else {
      throw .wrongLength(expected: outputDimensions, found: reduced.count)
    }
    if kind == .truncated {
      return reduced + [Float](repeating: 0, count: inputDimensions - outputDimensions)
    }
    if changesFirstNumbers { return expandFirstNumbers(reduced) }
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

  /// Computes y + (P − t)ᵀ·(t·y), with zeros after the numbers of y: the vector that the projection
  /// turns to y.
  private func expandFirstNumbers(_ reduced: [Float]) -> [Float] {
    let width = numbersBeforeSlots
    var sums = widened(Array(reduced[..<width]))
    let weights = (0..<rank).map { row in
      (0..<width).reduce(0.0) { $0 + Double(images[row * width + $1]) * Double(reduced[$1]) }
    }
    sums += [Double](repeating: 0, count: inputDimensions - width)
    for (row, weight) in weights.enumerated() {
      for j in 0..<inputDimensions {
        sums[j] += weight * Double(components[row * inputDimensions + j])
      }
      for j in 0..<width { sums[j] -= weight * Double(images[row * width + j]) }
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
    if changesFirstNumbers { return changeFirstNumbers(of: widened(vector), residualSlot) }
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

  /// Computes s·Tx + tᵀ·(P·x − s·t·Tx), and puts the length of the part that is not kept into
  /// `residualSlot`.
  private func changeFirstNumbers(of x: [Double], _ residualSlot: Int?) -> [Float] {
    let width = numbersBeforeSlots
    let inSpan = (0..<rank).map { row in
      (0..<inputDimensions).reduce(0.0) {
        $0 + Double(components[row * inputDimensions + $1]) * x[$1]
      }
    }
    let ofHead = (0..<rank).map { row in
      (0..<width).reduce(0.0) { $0 + Double(images[row * width + $1]) * x[$1] }
    }
    func square(_ numbers: some Sequence<Double>) -> Double {
      numbers.reduce(0) { $0 + $1 * $1 }
    }
    let whole = square(x)
    let stretch = Self.stretch(
      whole: whole, inSpan: square(inSpan), head: square(x[..<width]), headInSpan: square(ofHead))
    var sums = x[..<width].map { stretch * $0 }
    for row in 0..<rank {
      let weight = inSpan[row] - stretch * ofHead[row]
      for j in 0..<width { sums[j] += weight * Double(images[row * width + j]) }
    }
    var reduced = sums.map { Float($0) }
    reduced += [Float](repeating: 0, count: outputDimensions - width)
    let rest = whole - square(sums)
    if let residualSlot, rest > Self.roundedShare * whole {
      reduced[residualSlot] = Float(rest.squareRoot())
    }
    return reduced
  }

  /// Returns the factor by which a vector's first numbers outside of the span are stretched, so
  /// that the vector keeps its length.
  ///
  /// The factor is 1 where nothing is outside of the span, or where too little of that part is in
  /// the first numbers.
  ///
  /// - Parameters:
  ///   - whole: the square of the vector's length.
  ///   - inSpan: the square of the length of the vector's part in the span.
  ///   - head: the square of the length of the vector's first numbers.
  ///   - headInSpan: the square of the length of the first numbers' part along the images.
  static func stretch(whole: Double, inSpan: Double, head: Double, headInSpan: Double) -> Double {
    let (rest, kept) = (whole - inSpan, head - headInSpan)
    // Where less is kept, the last digits would be stretched with it.
    guard rest > roundedShare * whole, kept > 0.01 * rest else { return 1 }
    return (rest / kept).squareRoot()
  }

  /// The share of a vector's squared length below which a part is rounding: such a part changes no
  /// cosine by more than 2e-6.
  static let roundedShare = 4e-6

  private func widened(_ vector: [Float]) -> [Double] { vector.map { Double($0) } }

  private func truncate(_ vector: [Float]) -> [Float] {
    let head = vector.prefix(outputDimensions)
    let length = head.reduce(0.0) { $0 + Double($1) * Double($1) }.squareRoot()
    guard length > 0 else { return Array(head) }
    return head.map { Float(Double($0) / length) }
  }
}
