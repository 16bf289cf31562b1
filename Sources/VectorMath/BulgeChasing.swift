/// The second stage of solving an eigenproblem: reduces a band matrix to a tridiagonal matrix, one
/// column in each sweep.
///
/// A sweep makes numbers outside of the band (the bulge) and moves them down along the band, which
/// stays in the processor's caches.
struct BulgeChasing {
  private let size: Int
  private let width: Int
  private let sweeps: Int
  /// The index of each sweep's first reflector.
  private let starts: [Int]
  private let vectors: FloatMemory
  private let taus: FloatMemory
  let diagonal: [Double]
  let offDiagonal: [Double]

  /// The number of sweeps whose reflectors are joined into one block.
  static let group = 48

  init(_ band: BandMatrix, engine: Engine) throws(EigenproblemError) {
    size = band.size
    width = band.width
    sweeps = max(0, size - 2)
    var starts = [0]
    for sweep in 0..<sweeps {
      starts.append(starts[sweep] + (size - 1 - sweep + width - 1) / width)
    }
    self.starts = starts
    let total = starts[sweeps]
    vectors = FloatMemory(count: total * width)
    taus = FloatMemory(count: total)
    let work = FloatMemory(count: 4 * width)
    for sweep in 0..<sweeps {
      if sweep % 16 == 0 { try engine.checkStop() }
      engine.kernels.chaseSweep(
        band.memory.start, band.stride, size, width, sweep,
        vectors.start + starts[sweep] * width, taus.start + starts[sweep], work.start)
    }
    diagonal = (0..<size).map { Double(band[$0, $0]) }
    offDiagonal = (0..<max(0, size - 1)).map { Double(band[$0 + 1, $0]) }
  }

  /// Joins the reflectors of all sweeps into blocks; together the blocks turn eigenvectors of the
  /// tridiagonal matrix into eigenvectors of the band matrix.
  ///
  /// A block joins the reflectors of one place along the band over a group of sweeps. Blocks of
  /// later groups come first; within a group, blocks nearer the beginning of the band come first.
  /// The sweeps made the reflectors in another order. Only reflectors that change different
  /// coordinates are exchanged, so that the product is the same: a reflector of one sweep, and a
  /// reflector of a later sweep that lies further down the band.
  func blocks(engine: Engine) -> BlockReflectors {
    let reflectors = BlockReflectors(kernels: engine.kernels)
    var places: [(sweep: Int, step: Int)] = []
    var shapes: [(first: Int, length: Int, count: Int)] = []
    for sweep in stride(from: 0, to: sweeps, by: BulgeChasing.group).reversed() {
      for step in 0..<starts[sweep + 1] - starts[sweep] {
        let last = min(sweep + BulgeChasing.group, sweeps)
        let count = (sweep..<last).count { starts[$0 + 1] - starts[$0] > step }
        let first = sweep + 1 + step * width
        let length = min(width + count - 1, size - first)
        places.append((sweep, step))
        shapes.append((first: first, length: length, count: count))
      }
    }
    let range = reflectors.reserve(shapes)
    let stride = width + BulgeChasing.group
    let perWorker = 2 * BulgeChasing.group * stride + BulgeChasing.group
    let work = FloatMemory(count: engine.threads * perWorker)
    engine.team.run(shapes.count) { task, worker in
      let rows = work.start + worker * perWorker
      let place = places[task]
      let shape = shapes[task]
      let combined = rows + BulgeChasing.group * stride
      let factors = combined + BulgeChasing.group * stride
      for row in 0..<shape.count {
        let index = starts[place.sweep + row] + place.step
        let target = rows + row * stride
        target.update(repeating: 0, count: stride)
        (target + row).update(from: vectors.start + index * width, count: width)
        factors[row] = taus.start[index]
      }
      BlockReflectors.combine(
        rows, taus: factors, count: shape.count, length: shape.length, stride: stride,
        into: combined, kernels: engine.kernels)
      reflectors.pack(
        range.lowerBound + task, reflectors: rows, combined: combined, stride: stride)
    }
    return reflectors
  }
}
