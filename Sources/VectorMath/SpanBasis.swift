/// An orthonormal basis of the span of given rows, to the accuracy of Float32.
///
/// Rows are processed in blocks. Two matrix products, computed twice, make a block orthogonal to
/// the basis so far; then the rows of the block are made orthogonal to each other, one by one. A
/// row whose new part is below `tolerance` of its length adds nothing. Unlike a computation with
/// the Gram matrix, this one does not square the condition number.
struct SpanBasis {
  static let tolerance = 2e-6
  private static let blockRows = 64

  private let engine: Engine
  private let dimensions: Int
  let memory: FloatMemory
  private(set) var rank = 0

  init(
    of rows: UnsafePointer<Float>, count: Int, dimensions: Int, engine: Engine
  ) {
    self.engine = engine
    self.dimensions = dimensions
    memory = FloatMemory(count: (count + SpanBasis.blockRows) * dimensions)
    var first = 0
    while first < count {
      let taken = min(SpanBasis.blockRows, count - first)
      extend(rows + first * dimensions, taken)
      first += taken
    }
  }

  private var kernels: KernelSet { engine.kernels }

  private func row(_ index: Int) -> UnsafeMutablePointer<Float> {
    memory.start + index * dimensions
  }

  private mutating func extend(_ source: UnsafePointer<Float>, _ count: Int) {
    let block = row(rank)
    block.update(from: source, count: count * dimensions)
    let lengths = (0..<count).map { normalise(block + $0 * dimensions) }
    projectOut(block, count)
    projectOut(block, count)
    let base = rank
    for index in 0..<count where lengths[index] > 0 {
      let candidate = row(base + index)
      if orthogonalise(candidate, against: base) {
        if rank < base + index { row(rank).update(from: candidate, count: dimensions) }
        rank += 1
      }
    }
  }

  /// Divides a row by its length and returns the length.
  private func normalise(_ row: UnsafeMutablePointer<Float>) -> Double {
    let length = length(row)
    guard length > 0 else { return 0 }
    for j in 0..<dimensions { row[j] = Float(Double(row[j]) / length) }
    return length
  }

  /// Subtracts from a block of rows their parts along the basis so far: block −= (block·Qᵀ)·Q.
  private func projectOut(_ block: UnsafeMutablePointer<Float>, _ count: Int) {
    guard rank > 0 else { return }
    let q = MatrixView(memory.start, rows: rank, columns: dimensions)
    let weights = FloatMemory(count: count * rank)
    engine.multiply(
      MatrixView(block, rows: count, columns: dimensions), q.transposed,
      into: MatrixTarget(weights.start, rows: count, columns: rank), overwrite: true)
    engine.multiply(
      MatrixView(weights.start, rows: count, columns: rank), q,
      into: MatrixTarget(block, rows: count, columns: dimensions), scale: -1)
  }

  /// Makes a row orthogonal to the basis and of length one; returns false where nothing new is left
  /// of the row.
  ///
  /// The row must be orthogonal already to the basis rows below `base`.
  private func orthogonalise(_ row: UnsafeMutablePointer<Float>, against base: Int) -> Bool {
    var first = base
    for _ in 0..<5 {
      let before = length(row)
      if before <= SpanBasis.tolerance { return false }
      for index in first..<rank {
        let other = self.row(index)
        kernels.axpy(-Float(kernels.wideDot(other, row, dimensions)), other, row, dimensions)
      }
      let after = length(row)
      if after <= SpanBasis.tolerance { return false }
      if after > before / 2 {
        _ = normalise(row)
        return true
      }
      // Much was subtracted, and rounding errors along the whole basis are relatively larger now.
      first = 0
    }
    return false
  }

  private func length(_ row: UnsafePointer<Float>) -> Double {
    kernels.wideDot(row, row, dimensions).squareRoot()
  }
}
