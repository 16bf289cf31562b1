/// Accumulates Σ x·xᵀ over a stream of rows, in bounded memory.
///
/// Products are summed in Float32 over a few thousand rows at most and then added to Float64 sums,
/// so that a long stream loses no accuracy.
final class SecondMoment {
  let dimensions: Int
  private(set) var rows = 0
  private let engine: Engine
  /// The lower triangle, packed row by row: row i begins at i·(i + 1)/2.
  private let total: WideMemory
  private let recent: FloatMemory
  private var recentRows = 0
  private let staging: FloatMemory
  private var stagedRows = 0

  /// The number of rows that may be summed before the sum is added to the Float64 sums.
  private static let foldEvery = 4096
  /// The number of rows that are gathered from smaller batches.
  private static let stagingRows = 256

  init(dimensions: Int, engine: Engine) {
    self.dimensions = dimensions
    self.engine = engine
    total = WideMemory(count: dimensions * (dimensions + 1) / 2)
    recent = FloatMemory(count: dimensions * dimensions)
    staging = FloatMemory(count: SecondMoment.stagingRows * dimensions)
  }

  func add(_ start: UnsafePointer<Float>, rows count: Int) {
    var start = start
    var left = count
    while left > 0 {
      if stagedRows == 0 && left >= SecondMoment.stagingRows {
        let taken = min(left, SecondMoment.foldEvery)
        accumulate(start, rows: taken)
        start += taken * dimensions
        left -= taken
      } else {
        let taken = min(left, SecondMoment.stagingRows - stagedRows)
        (staging.start + stagedRows * dimensions).update(from: start, count: taken * dimensions)
        stagedRows += taken
        start += taken * dimensions
        left -= taken
        if stagedRows == SecondMoment.stagingRows { flush() }
      }
    }
  }

  private func flush() {
    let count = stagedRows
    stagedRows = 0
    if count > 0 { accumulate(staging.start, rows: count) }
  }

  private func accumulate(_ start: UnsafePointer<Float>, rows count: Int) {
    if recentRows + count > SecondMoment.foldEvery { fold() }
    let x = MatrixView(start, rows: count, columns: dimensions)
    engine.multiply(
      x.transposed, x, into: MatrixTarget(recent.start, rows: dimensions, columns: dimensions),
      overwrite: recentRows == 0, region: .lowerTriangle)
    recentRows += count
    rows += count
  }

  private func fold() {
    guard recentRows > 0 else { return }
    recentRows = 0
    let (kernels, dimensions, recent, total) = (
      engine.kernels, dimensions, recent.start, total.start
    )
    engine.team.run((dimensions + 63) / 64) { task, _ in
      for i in task * 64..<min(dimensions, task * 64 + 64) {
        kernels.addWidened(recent + i * dimensions, total + i * (i + 1) / 2, i + 1)
      }
    }
  }

  /// Computes the sum of the squares of all numbers of all rows.
  func trace() -> Double {
    flush()
    fold()
    return (0..<dimensions).reduce(0) { $0 + total.start[$1 * ($1 + 3) / 2] }
  }

  /// Computes the lower triangle of (Σ x·xᵀ − rows·shift·shiftᵀ)/divisor as Float32, in a full
  /// square whose upper triangle is undefined.
  func matrix(divisor: Double, shift: [Double]?) -> FloatMemory {
    flush()
    fold()
    let result = FloatMemory(count: dimensions * dimensions)
    let (dimensions, total, target) = (dimensions, total.start, result.start)
    let count = Double(rows)
    engine.team.run((dimensions + 63) / 64) { task, _ in
      for i in task * 64..<min(dimensions, task * 64 + 64) {
        let row = total + i * (i + 1) / 2
        for j in 0...i {
          let excess = shift.map { count * $0[i] * $0[j] } ?? 0
          target[i * dimensions + j] = Float((row[j] - excess) / divisor)
        }
      }
    }
    return result
  }
}
