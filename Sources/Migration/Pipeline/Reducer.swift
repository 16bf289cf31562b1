/// Gives the vectors of a batch the dimension that the table takes.
struct Reducer {
  private let reduction: Reduction
  private let source: Int
  private var widened: [Float] = []

  init(_ reduction: Reduction, sourceDimensions: Int) {
    self.reduction = reduction
    source = sourceDimensions
  }

  /// Lends the reduced rows, row after row without gaps; the buffer is used again next time.
  mutating func withReduced<Result>(
    _ rows: [Float], count: Int, _ body: (UnsafeBufferPointer<Float>) throws -> Result
  ) rethrows -> Result {
    switch reduction {
    case .none:
      return try rows.withUnsafeBufferPointer(body)
    case .extend(_, let target):
      extend(rows, count: count, to: target)
      return try widened.withUnsafeBufferPointer(body)
    }
  }

  private mutating func extend(_ rows: [Float], count: Int, to target: Int) {
    widened.removeAll(keepingCapacity: true)
    widened.reserveCapacity(count * target)
    for row in 0..<count {
      widened += rows[row * source..<(row + 1) * source]
      widened.append(contentsOf: repeatElement(0, count: target - source))
    }
  }
}
