/// Fits a projection to a stream of rows, in memory that does not grow with the stream.
///
/// As long as there are fewer rows than target dimensions, the rows are kept, and the projection
/// spans them exactly. From then on, rows are added to the second moment and discarded. A fitter is
/// used by one thread at a time.
public final class ProjectionFitter {
  /// The length of the rows.
  public let dimensions: Int
  /// The length to which rows are to be reduced.
  public let target: Int
  /// The kind of the projection.
  public let kind: Projection.Kind
  /// True where the projection is turned to lie as close as possible to the first coordinates.
  public let isAligned: Bool
  /// The number of rows that have been added.
  public private(set) var rowCount = 0

  private let engine: Engine
  private var kept: [Float] = []
  private var moment: SecondMoment?
  /// For a centred projection: a provisional mean, which is subtracted from each row when the row
  /// is added, and the sum of the differences.
  private var origin: [Float] = []
  private var sums: WideMemory
  private var squares = 0.0

  /// Creates a fitter that reduces vectors from `dimensions` to `target` numbers; `target` must not
  /// be the larger.
  public init(
    dimensions: Int, target: Int, kind: Projection.Kind = .uncentered, isAligned: Bool = true,
    engine: Engine
  ) throws(ProjectionError) {
    guard dimensions > 0, target > 0, target <= dimensions else {
      throw .impossibleDimensions(input: dimensions, output: target)
    }
    self.dimensions = dimensions
    self.target = target
    self.kind = kind
    self.isAligned = isAligned && kind == .uncentered
    self.engine = engine
    sums = WideMemory(count: kind == .centered ? dimensions : 0)
  }

  /// Adds `count` rows with `dimensions` numbers each; where a number is not finite, throws and
  /// adds none of the rows.
  public func add(rows: UnsafeBufferPointer<Float>, count: Int) throws(ProjectionError) {
    guard rows.count == count * dimensions else {
      throw .wrongLength(expected: count * dimensions, found: rows.count)
    }
    guard count > 0, let start = rows.baseAddress else { return }
    if let bad = engine.firstNonFinite(start, rows: count, columns: dimensions) {
      throw .notFinite(row: rowCount + bad.row, position: bad.position)
    }
    rowCount += count
    guard kind != .truncated else { return }
    if moment == nil && rowCount < target {
      kept.append(contentsOf: rows)
    } else {
      spill()
      accumulate(start, rows: count)
    }
  }

  /// Returns the projection fitted to all rows that were added so far; more rows can be added
  /// later.
  ///
  /// - Parameter isTurned: false where only inner products matter: they are the same without the
  ///   turn, which takes time. The projection of few rows is turned in any case.
  public func projection(isTurned: Bool = true) throws(ProjectionError) -> Projection {
    guard rowCount > 0 else { throw .noRows }
    if kind == .truncated { return try .truncation(from: dimensions, to: target) }
    do {
      return try moment.map { try leadingProjection(of: $0, isTurned: isTurned) }
        ?? spanningProjection()
    } catch let error as EigenproblemError {
      throw .eigenproblem(error)
    } catch let error as ProjectionError {
      throw error
    } catch {
      throw .inconsistent("\(error)")
    }
  }
}

// Many rows: the leading eigenvectors of the second moment.
extension ProjectionFitter {
  /// Adds the rows kept so far to the second moment, and frees their memory.
  private func spill() {
    guard moment == nil else { return }
    moment = SecondMoment(dimensions: dimensions, engine: engine)
    let rows = kept
    kept = []
    rows.withUnsafeBufferPointer { buffer in
      guard let start = buffer.baseAddress else { return }
      accumulate(start, rows: buffer.count / dimensions)
    }
  }

  private func accumulate(_ start: UnsafePointer<Float>, rows count: Int) {
    guard count > 0 else { return }
    guard kind == .centered else {
      moment?.add(start, rows: count)
      return
    }
    if origin.isEmpty { origin = mean(of: start, rows: count).map { Float($0) } }
    let step = 256
    let shifted = FloatMemory(count: min(step, count) * dimensions)
    for first in stride(from: 0, to: count, by: step) {
      let taken = min(step, count - first)
      for row in 0..<taken {
        let place = shifted.start + row * dimensions
        origin.withUnsafeBufferPointer { origin in
          guard let origin = origin.baseAddress else { return }
          engine.kernels.subtract(start + (first + row) * dimensions, origin, place, dimensions)
        }
        engine.kernels.addWidened(place, sums.start, dimensions)
      }
      moment?.add(shifted.start, rows: taken)
    }
  }

  private func mean(of start: UnsafePointer<Float>, rows count: Int) -> [Double] {
    let total = WideMemory(count: dimensions)
    for row in 0..<count {
      engine.kernels.addWidened(start + row * dimensions, total.start, dimensions)
    }
    return (0..<dimensions).map { total.start[$0] / Double(count) }
  }

  private func leadingProjection(of moment: SecondMoment, isTurned: Bool) throws -> Projection {
    let isCentered = kind == .centered
    let count = Double(rowCount)
    let divisor = isCentered ? max(1, count - 1) : count
    let drift = isCentered ? (0..<dimensions).map { sums.start[$0] / count } : nil
    let excess = drift.map { count * $0.reduce(0) { $0 + $1 * $1 } } ?? 0
    let energy = max(0, moment.trace() - excess) / divisor
    let matrix = moment.matrix(divisor: divisor, shift: drift)
    let system = try engine.leadingEigenvectors(
      of: MatrixTarget(matrix.start, rows: dimensions, columns: dimensions), count: target)
    if isAligned, isTurned {
      return try aligned(
        FloatMemory(copying: system.vectors), energies: system.values, total: energy,
        isExact: false)
    }
    let mean = drift.map { drift in zip(origin, drift).map { Float(Double($0) + $1) } } ?? []
    return try Projection(
      kind: kind, inputDimensions: dimensions, outputDimensions: target,
      components: system.vectors.withFixedSigns(length: dimensions),
      energies: system.values.map { max(0, $0) }, totalEnergy: energy,
      mean: mean, fittedRows: rowCount, isExact: false)
  }
}

// Few rows: all that they span.
extension ProjectionFitter {
  private func spanningProjection() throws -> Projection {
    let isCentered = kind == .centered
    let rows = FloatMemory(count: kept.count)
    for index in kept.indices { rows.start[index] = kept[index] }
    let center = isCentered ? mean(of: rows.start, rows: rowCount).map { Float($0) } : []
    for row in 0..<rowCount where isCentered {
      for j in 0..<dimensions { rows.start[row * dimensions + j] -= center[j] }
    }
    let divisor = isCentered ? max(1, Double(rowCount - 1)) : Double(rowCount)
    let span = try components(spanning: rows.start, divisor: divisor)
    if isAligned {
      return try aligned(
        span.components, energies: span.energies, total: span.total, isExact: true)
    }
    return try Projection(
      kind: kind, inputDimensions: dimensions, outputDimensions: target,
      components: span.components.array.withFixedSigns(length: dimensions),
      energies: span.energies,
      totalEnergy: span.total, mean: center, fittedRows: rowCount, isExact: !isCentered)
  }

  /// Computes a basis of the span, rotated to the principal directions of the rows, and the
  /// energies of these directions.
  private func components(
    spanning rows: UnsafePointer<Float>, divisor: Double
  ) throws -> (components: FloatMemory, energies: [Double], total: Double) {
    let basis = SpanBasis(of: rows, count: rowCount, dimensions: dimensions, engine: engine)
    let rank = basis.rank
    let total = engine.kernels.wideDot(rows, rows, rowCount * dimensions) / divisor
    guard rank > 0 else { return (FloatMemory(count: 0), [], total) }
    let q = MatrixView(basis.memory.start, rows: rank, columns: dimensions)
    let coordinates = FloatMemory(count: rowCount * rank)
    engine.multiply(
      MatrixView(rows, rows: rowCount, columns: dimensions), q.transposed,
      into: MatrixTarget(coordinates.start, rows: rowCount, columns: rank), overwrite: true)
    let gram = FloatMemory(count: rank * rank)
    let c = MatrixView(coordinates.start, rows: rowCount, columns: rank)
    let target = MatrixTarget(gram.start, rows: rank, columns: rank)
    engine.multiply(
      c.transposed, c, into: target, scale: Float(1 / divisor), overwrite: true,
      region: .lowerTriangle)
    let system = try engine.leadingEigenvectors(of: target, count: rank)
    let turn = FloatMemory(copying: system.vectors)
    let components = FloatMemory(count: rank * dimensions)
    engine.multiply(
      MatrixView(turn.start, rows: rank, columns: rank), q,
      into: MatrixTarget(components.start, rows: rank, columns: dimensions), overwrite: true)
    return (components, system.values.map { max(0, $0) }, total)
  }
}

// Turned towards the first coordinates.
extension ProjectionFitter {
  /// Creates the aligned projection for an orthonormal basis of principal directions.
  private func aligned(
    _ basis: FloatMemory, energies: [Double], total: Double, isExact: Bool
  ) throws -> Projection {
    let rank = energies.count
    // The projection is not turned towards the residual slots.
    let width = max(rank, target - 2)
    // Few components and their images, in both arrangements that the database needs, take less room
    // than a component for each coordinate.
    let isShort = rank < width && rank * (dimensions + 2 * width) < width * dimensions
    let basis =
      isShort ? FloatMemory(copying: basis.array.withFixedSigns(length: dimensions)) : basis
    let p = MatrixView(basis.start, rows: rank, columns: dimensions)
    let images = try Alignment.images(
      of: p, width: width, first: isExact ? 0 : Self.leading(energies), engine: engine)
    let t = MatrixView(images.start, rows: rank, columns: width)
    let components =
      isShort ? basis : rank == width ? turned(p, by: t) : turned(differences(of: p, t), by: t)
    return try Projection(
      kind: kind, inputDimensions: dimensions, outputDimensions: target,
      components: components.array,
      energies: energies.map { max(0, $0) }
        + [Double](repeating: 0, count: isShort ? 0 : width - rank),
      totalEnergy: total, fittedRows: rowCount, isExact: isExact, alignedDimensions: width,
      images: isShort ? images.array : [])
  }

  /// Returns the number of directions that are turned before the others: those with at least a
  /// tenth of the first direction's energy, or 0 where these are many or all.
  private static func leading(_ energies: [Double]) -> Int {
    let count = energies.count { $0 >= 0.1 * (energies.first ?? 0) }
    return count <= 64 && count < energies.count ? count : 0
  }

  /// Computes tᵀ·P, the components of the projection where there are as many directions as
  /// coordinates.
  private func turned(_ basis: MatrixView, by images: MatrixView) -> FloatMemory {
    let result = FloatMemory(count: images.columns * dimensions)
    engine.multiply(
      images.transposed, basis,
      into: MatrixTarget(result.start, rows: images.columns, columns: dimensions), overwrite: true)
    return result
  }

  /// Computes T + tᵀ·D, with T as the matrix that cuts a vector to its first numbers.
  private func turned(_ differences: FloatMemory, by images: MatrixView) -> FloatMemory {
    let result = turned(
      MatrixView(differences.start, rows: images.rows, columns: dimensions), by: images)
    for row in 0..<images.columns { result.start[row * dimensions + row] += 1 }
    return result
  }

  /// Computes D = P − t, with zeros after the images.
  private func differences(of basis: MatrixView, _ images: MatrixView) -> FloatMemory {
    let result = FloatMemory(copying: basis.start, count: basis.rows * dimensions)
    for row in 0..<basis.rows {
      let place = result.start + row * dimensions
      engine.kernels.subtract(
        place, images.start + row * images.rowStride, place, images.columns)
    }
    return result
  }
}

extension FloatMemory {
  /// A copy of all numbers.
  var array: [Float] { Array(UnsafeBufferPointer(start: start, count: count)) }
}

extension [Float] {
  /// Returns the rows with their signs changed so that the number of largest magnitude in each row
  /// is positive.
  ///
  /// An eigenvector's sign is arbitrary, and a fixed sign makes fits repeatable.
  func withFixedSigns(length: Int) -> [Float] {
    var result = self
    result.withUnsafeMutableBufferPointer { buffer in
      for first in stride(from: 0, to: buffer.count, by: length) {
        var largest = first
        for index in first..<first + length where abs(buffer[index]) > abs(buffer[largest]) {
          largest = index
        }
        guard buffer[largest] < 0 else { continue }
        for index in first..<first + length { buffer[index] = -buffer[index] }
      }
    }
    return result
  }
}
