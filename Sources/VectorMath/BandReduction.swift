/// The first stage of solving an eigenproblem: reduces a symmetric matrix to a band matrix, by
/// blocks of reflectors.
///
/// Each step makes a block of columns triangular below the band (a QR factorisation) and applies
/// the reflectors from both sides to the rest of the matrix: A − W·Vᵀ − V·Wᵀ with W = Y −
/// ½·V·(V·T)ᵀ·Y and Y = A·V·T. All work except the factorisation is done by matrix products.
/// Because the matrix is symmetric, columns are read as rows, which are contiguous in memory.
struct BandReduction {
  private let engine: Engine
  private let size: Int
  private let width: Int
  private let matrix: UnsafeMutablePointer<Float>
  /// The rows V, then W, then V again: V with W, and W with V, are then one matrix each.
  private let rows: FloatMemory
  private let combined: FloatMemory
  private let products: FloatMemory
  private let square: FloatMemory
  private var taus: [Float]

  /// Reduces the full, row-major `matrix` to `band`, and overwrites it; returns the blocks of
  /// reflectors in the order in which they were made.
  static func run(
    _ matrix: UnsafeMutablePointer<Float>, size: Int, into band: BandMatrix, engine: Engine
  ) throws(EigenproblemError) -> [BlockReflectors] {
    var reduction = BandReduction(matrix, size: size, width: band.width, engine: engine)
    var made: [BlockReflectors] = []
    for first in stride(from: 0, to: size, by: band.width) {
      try engine.checkStop()
      if let block = reduction.step(first, band) { made.append(block) }
    }
    return made
  }

  private init(
    _ matrix: UnsafeMutablePointer<Float>, size: Int, width: Int, engine: Engine
  ) {
    self.matrix = matrix
    self.size = size
    self.width = width
    self.engine = engine
    rows = FloatMemory(count: 3 * width * size)
    combined = FloatMemory(count: width * size)
    products = FloatMemory(count: width * size)
    square = FloatMemory(count: width * width)
    taus = Array(repeating: 0, count: width)
  }

  private mutating func step(_ first: Int, _ band: BandMatrix) -> BlockReflectors? {
    let panel = matrix + first * size
    let last = min(first + width, size)
    for column in first..<last {
      for row in column..<last { band[row, column] = matrix[column * size + row] }
    }
    let next = first + width
    guard next < size else { return nil }
    let length = size - next
    let count = min(width, length - 1)
    factorise(panel + next, length, count)
    for line in 0..<width {
      for row in 0...min(line, length - 1) {
        band[next + row, first + line] = panel[line * size + next + row]
      }
    }
    guard count > 0 else { return nil }
    let v = rows.start
    taus.withUnsafeBufferPointer { taus in
      guard let taus = taus.baseAddress else { return }
      BlockReflectors.combine(
        v, taus: taus, count: count, length: length, stride: length, into: combined.start,
        kernels: engine.kernels)
    }
    let block = BlockReflectors(kernels: engine.kernels)
    let range = block.reserve([(first: next, length: length, count: count)])
    block.pack(range.lowerBound, reflectors: v, combined: combined.start, stride: length)
    update(next, length, count)
    return block
  }

  /// Computes the Householder QR factorisation of the panel's columns, which are rows in memory;
  /// the reflectors V go to `rows`.
  private mutating func factorise(
    _ panel: UnsafeMutablePointer<Float>, _ length: Int, _ count: Int
  ) {
    let kernels = engine.kernels
    for index in 0..<count {
      let line = panel + index * size + index
      let rest = length - index
      let v = rows.start + index * length
      v.update(repeating: 0, count: index)
      let (tau, beta) = kernels.makeReflector(line, rest, v + index)
      taus[index] = tau
      line.update(repeating: 0, count: rest)
      line[0] = beta
      guard tau != 0 else { continue }
      for other in index + 1..<max(index + 1, width) {
        let target = panel + other * size + index
        kernels.axpy(-tau * kernels.dot(v + index, target, rest), v + index, target, rest)
      }
    }
  }

  /// Computes A ← A − W·Vᵀ − V·Wᵀ for the rows and columns from `first` on.
  private func update(_ first: Int, _ length: Int, _ count: Int) {
    let kernels = engine.kernels
    let v = rows.start
    let w = v + count * length
    let trailing = matrix + first * size + first
    let vRows = MatrixView(v, rows: count, columns: length)
    engine.multiply(
      vRows, MatrixView(trailing, rows: length, columns: length, stride: size),
      into: MatrixTarget(products.start, rows: count, columns: length), overwrite: true)
    // Computes Y = A·V·T row by row, as `combine` computes V·T.
    for row in 0..<count {
      let target = w + row * length
      target.update(from: products.start + row * length, count: length)
      for before in 0..<row {
        let product = kernels.dot(v + before * length, v + row * length, length)
        kernels.axpy(-product, w + before * length, target, length)
      }
      kernels.scale(taus[row], target, length)
    }
    let wRows = MatrixView(w, rows: count, columns: length)
    engine.multiply(
      MatrixView(combined.start, rows: count, columns: length), wRows.transposed,
      into: MatrixTarget(square.start, rows: count, columns: count), overwrite: true)
    engine.multiply(
      MatrixView(square.start, rows: count, columns: count), vRows,
      into: MatrixTarget(w, rows: count, columns: length), scale: -0.5)
    (w + count * length).update(from: v, count: count * length)
    engine.multiply(
      MatrixView(w, rows: 2 * count, columns: length).transposed,
      MatrixView(v, rows: 2 * count, columns: length),
      into: MatrixTarget(trailing, rows: length, columns: length, stride: size), scale: -1)
  }
}

/// A symmetric band matrix with room for the numbers that its reduction makes outside of the band;
/// element (i, j) with i ≥ j is at j·stride + i.
final class BandMatrix {
  let size: Int
  let width: Int
  let stride: Int
  let memory: FloatMemory

  init(size: Int, width: Int) {
    self.size = size
    self.width = width
    stride = 2 * width + 15
    memory = FloatMemory(count: (size + 2 * width + 2) * (stride + 1))
  }

  subscript(row: Int, column: Int) -> Float {
    get { memory.start[column * stride + row] }
    set { memory.start[column * stride + row] = newValue }
  }
}
