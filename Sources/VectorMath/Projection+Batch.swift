import Synchronization

extension Projection {
  /// Reduces `count` fitted rows at once: `rows` contains `count` × `inputDimensions` numbers,
  /// `target` receives `count` × `outputDimensions` numbers.
  ///
  /// The residual slots stay zero; rows that were not fitted need `reduceDocument`. Where a row is
  /// refused, `target` is left undefined.
  public func transform(
    rows: UnsafeBufferPointer<Float>, count: Int, into target: UnsafeMutableBufferPointer<Float>,
    with engine: Engine
  ) throws(ProjectionError) {
    try transform(rows: rows, count: count, into: target, stretching: false, with: engine)
  }

  private func transform(
    rows: UnsafeBufferPointer<Float>, count: Int, into target: UnsafeMutableBufferPointer<Float>,
    stretching: Bool, with engine: Engine
  ) throws(ProjectionError) {
    guard rows.count == count * inputDimensions else {
      throw .wrongLength(expected: count * inputDimensions, found: rows.count)
    }
    guard target.count == count * outputDimensions else {
      throw .wrongLength(expected: count * outputDimensions, found: target.count)
    }
    guard count > 0, let source = rows.baseAddress, let result = target.baseAddress else { return }
    if kind == .truncated || rank == 0 {
      try refuseNonFinite(source, count, engine)
    }
    if kind == .truncated {
      engine.truncate(
        MatrixView(source, rows: count, columns: inputDimensions),
        into: MatrixTarget(result, rows: count, columns: outputDimensions))
    } else {
      project(source, count, result, stretching: stretching, engine)
      // A number that is not finite makes every component of its row not finite, whatever the
      // number is multiplied by, so the first component shows whether to search for such a number.
      let isSuspect = (0..<count).contains { !result[$0 * outputDimensions].isFinite }
      if isSuspect { try refuseNonFinite(source, count, engine) }
    }
  }

  private func refuseNonFinite(
    _ source: UnsafePointer<Float>, _ count: Int, _ engine: Engine
  ) throws(ProjectionError) {
    if let bad = engine.firstNonFinite(source, rows: count, columns: inputDimensions) {
      throw .notFinite(row: bad.row, position: bad.position)
    }
  }

  /// Reduces `count` documents at once, fitted or not, as `reduceDocument` reduces one.
  ///
  /// The length of the part that is not kept goes into the document slot, where there is one. A
  /// length below a five-hundredth of the row's length is left out: it is rounding, and changes no
  /// cosine by more than 2e-6.
  public func transformDocuments(
    rows: UnsafeBufferPointer<Float>, count: Int, into target: UnsafeMutableBufferPointer<Float>,
    with engine: Engine
  ) throws(ProjectionError) {
    try transform(
      rows: rows, count: count, into: target, residualSlot: documentResidualSlot, with: engine)
  }

  /// Reduces `count` queries at once, as `reduceQuery` reduces one.
  ///
  /// A part that is shorter than a five-hundredth of the query is left out, as for documents.
  public func transformQueries(
    rows: UnsafeBufferPointer<Float>, count: Int, into target: UnsafeMutableBufferPointer<Float>,
    with engine: Engine
  ) throws(ProjectionError) {
    try transform(
      rows: rows, count: count, into: target, residualSlot: queryResidualSlot, with: engine)
  }

  /// Reduces `count` rows, fitted or not; the length of the part that is not kept goes into
  /// `residualSlot`.
  private func transform(
    rows: UnsafeBufferPointer<Float>, count: Int, into target: UnsafeMutableBufferPointer<Float>,
    residualSlot: Int?, with engine: Engine
  ) throws(ProjectionError) {
    try transform(rows: rows, count: count, into: target, stretching: true, with: engine)
    guard let slot = residualSlot, let source = rows.baseAddress, let result = target.baseAddress
    else { return }
    for row in 0..<count {
      let long = source + row * inputDimensions
      let short = result + row * outputDimensions
      let whole = engine.kernels.wideDot(long, long, inputDimensions)
      let rest = whole - engine.kernels.wideDot(short, short, numbersBeforeSlots)
      if rest > Self.roundedShare * whole { short[slot] = Float(rest.squareRoot()) }
    }
  }

  private func project(
    _ source: UnsafePointer<Float>, _ count: Int, _ result: UnsafeMutablePointer<Float>,
    stretching: Bool, _ engine: Engine
  ) {
    if changesFirstNumbers {
      return changeFirstNumbers(source, count, result, stretching: stretching, engine)
    }
    guard rank > 0 else {
      result.update(repeating: 0, count: count * outputDimensions)
      return
    }
    let w = packedComponents.operand(self, engine)
    engine.multiply(
      MatrixView(source, rows: count, columns: inputDimensions), w,
      into: MatrixTarget(result, rows: count, columns: rank, stride: outputDimensions))
    for row in 0..<count where rank < outputDimensions {
      (result + row * outputDimensions + rank).update(
        repeating: 0, count: outputDimensions - rank)
    }
    if kind == .centered { subtractMean(count, result, engine) }
  }

  /// Computes s·TX + (X·Pᵀ − s·TX·tᵀ)·t; each row has its own s where vectors are stretched,
  /// otherwise s is 1.
  private func changeFirstNumbers(
    _ source: UnsafePointer<Float>, _ count: Int, _ result: UnsafeMutablePointer<Float>,
    stretching: Bool, _ engine: Engine
  ) {
    let (width, kernels) = (numbersBeforeSlots, engine.kernels)
    let inSpan = FloatMemory(count: count * rank)
    let ofHeads = FloatMemory(count: count * rank)
    images.withUnsafeBufferPointer { images in
      guard rank > 0, let images = images.baseAddress else { return }
      let t = MatrixView(images, rows: rank, columns: width)
      engine.multiply(
        MatrixView(source, rows: count, columns: inputDimensions),
        packedComponents.operand(self, engine),
        into: MatrixTarget(inSpan.start, rows: count, columns: rank))
      engine.multiply(
        MatrixView(source, rows: count, columns: width, stride: inputDimensions), t.transposed,
        into: MatrixTarget(ofHeads.start, rows: count, columns: rank), overwrite: true)
    }
    for row in 0..<count {
      let x = source + row * inputDimensions
      let place = result + row * outputDimensions
      let (a, b) = (inSpan.start + row * rank, ofHeads.start + row * rank)
      var stretch: Float = 1
      if stretching {
        stretch = Float(
          Self.stretch(
            whole: kernels.wideDot(x, x, inputDimensions), inSpan: kernels.wideDot(a, a, rank),
            head: kernels.wideDot(x, x, width), headInSpan: kernels.wideDot(b, b, rank)))
      }
      place.update(from: x, count: width)
      if stretch != 1 { kernels.scale(stretch, place, width) }
      (place + width).update(repeating: 0, count: outputDimensions - width)
      kernels.axpy(-stretch, b, a, rank)
    }
    images.withUnsafeBufferPointer { images in
      guard rank > 0, let images = images.baseAddress else { return }
      engine.multiply(
        MatrixView(inSpan.start, rows: count, columns: rank),
        MatrixView(images, rows: rank, columns: width),
        into: MatrixTarget(result, rows: count, columns: width, stride: outputDimensions))
    }
  }

  /// Subtracts the mean: W·(x − mean) = W·x − W·mean.
  private func subtractMean(
    _ count: Int, _ result: UnsafeMutablePointer<Float>, _ engine: Engine
  ) {
    let offset = mean.withUnsafeBufferPointer { mean in
      components.withUnsafeBufferPointer { components in
        (0..<rank).map { row -> Float in
          guard let mean = mean.baseAddress, let w = components.baseAddress else { return 0 }
          return Float(engine.kernels.wideDot(w + row * inputDimensions, mean, inputDimensions))
        }
      }
    }
    offset.withUnsafeBufferPointer { offset in
      guard let start = offset.baseAddress else { return }
      for row in 0..<count {
        let place = result + row * outputDimensions
        engine.kernels.subtract(place, start, place, rank)
      }
    }
  }
}

extension Projection {
  /// Expands `count` reduced rows at once, as `expand` expands one.
  public func expand(
    _ rows: [Float], count: Int, with engine: Engine
  ) throws(ProjectionError) -> [Float] {
    guard rows.count == count * outputDimensions else {
      throw .wrongLength(expected: count * outputDimensions, found: rows.count)
    }
    let (width, reduced) = (numbersBeforeSlots, FloatMemory(copying: rows))
    let result = FloatMemory(count: count * inputDimensions)
    let whole = MatrixTarget(result.start, rows: count, columns: inputDimensions)
    for row in 0..<count {
      let place = result.start + row * inputDimensions
      if kind == .truncated || changesFirstNumbers {
        place.update(from: reduced.start + row * outputDimensions, count: width)
      } else {
        for j in mean.indices { place[j] = mean[j] }
      }
    }
    guard rank > 0, kind != .truncated else { return result.array }
    let basis = FloatMemory(copying: components)
    let p = MatrixView(basis.start, rows: rank, columns: inputDimensions)
    let y = MatrixView(reduced.start, rows: count, columns: width, stride: outputDimensions)
    guard changesFirstNumbers else {
      engine.multiply(y, p, into: whole)
      return result.array
    }
    let (images, weights) = (FloatMemory(copying: images), FloatMemory(count: count * rank))
    let t = MatrixView(images.start, rows: rank, columns: width)
    engine.multiply(
      y, t.transposed, into: MatrixTarget(weights.start, rows: count, columns: rank),
      overwrite: true)
    let a = MatrixView(weights.start, rows: count, columns: rank)
    engine.multiply(a, p, into: whole)
    engine.multiply(
      a, t,
      into: MatrixTarget(result.start, rows: count, columns: width, stride: inputDimensions),
      scale: -1)
    return result.array
  }
}

extension Projection {
  /// Reduces documents that another projection has reduced, starting from their reduced forms.
  ///
  /// The part of each document in the other projection's span is recovered. Of the remaining part,
  /// the other projection may have kept the length; this projection keeps that length as well,
  /// where it has a slot for it.
  public func reduceDocuments(
    _ reduced: [Float], count: Int, from other: Projection, with engine: Engine
  ) throws(ProjectionError) -> [Float] {
    let rows = FloatMemory(copying: try other.expand(reduced, count: count, with: engine))
    let result = FloatMemory(count: count * outputDimensions)
    try transformDocuments(
      rows: UnsafeBufferPointer(start: rows.start, count: rows.count), count: count,
      into: UnsafeMutableBufferPointer(start: result.start, count: result.count), with: engine)
    if let theirs = other.documentResidualSlot, let ours = documentResidualSlot {
      for row in 0..<count {
        let place = result.start + row * outputDimensions + ours
        let one = Double(place.pointee)
        let rest = Double(reduced[row * other.outputDimensions + theirs])
        place.pointee = Float((one * one + rest * rest).squareRoot())
      }
    }
    return result.array
  }
}

extension Projection {
  /// Computes the matrix of the reduction, `outputDimensions` × `inputDimensions`, with zeros for
  /// the residual slots.
  ///
  /// Fitted vectors are multiplied by it after the mean was subtracted. The matrix is empty for a
  /// truncation.
  public func matrix(with engine: Engine) -> [Float] {
    guard kind != .truncated else { return [] }
    let width = numbersBeforeSlots
    let zeros = [Float](repeating: 0, count: (outputDimensions - width) * inputDimensions)
    guard changesFirstNumbers else { return components + zeros }
    // T + tᵀ·(P − t)
    let rows = FloatMemory(count: width * inputDimensions)
    for coordinate in 0..<width { rows.start[coordinate * inputDimensions + coordinate] = 1 }
    let differences = FloatMemory(copying: components)
    let t = FloatMemory(copying: images)
    for row in 0..<rank {
      let place = differences.start + row * inputDimensions
      engine.kernels.subtract(place, t.start + row * width, place, width)
    }
    engine.multiply(
      MatrixView(t.start, rows: rank, columns: width).transposed,
      MatrixView(differences.start, rows: rank, columns: inputDimensions),
      into: MatrixTarget(rows.start, rows: width, columns: inputDimensions))
    return rows.array + zeros
  }
}

extension Engine {
  /// Finds the place of the first number that is not finite; nil where all are finite.
  func firstNonFinite(
    _ start: UnsafePointer<Float>, rows: Int, columns: Int
  ) -> (row: Int, position: Int)? {
    let block = 256
    var bad = [Int?](repeating: nil, count: (rows + block - 1) / block)
    bad.withUnsafeMutableBufferPointer { bad in
      // Each task writes its own element.
      let bad = bad
      team.run(bad.count) { task, _ in
        let rows = task * block..<min(rows, task * block + block)
        bad[task] = rows.first { !kernels.isFinite(start + $0 * columns, columns) }
      }
    }
    guard let row = bad.lazy.compactMap({ $0 }).first else { return nil }
    let position = (0..<columns).first { !start[row * columns + $0].isFinite }
    return (row, position ?? 0)
  }

  func truncate(_ source: MatrixView, into target: MatrixTarget) {
    team.run(source.rows) { row, _ in
      let from = source.start + row * source.rowStride
      let to = target.start + row * target.stride
      let length = kernels.wideDot(from, from, target.columns).squareRoot()
      to.update(from: from, count: target.columns)
      if length > 0 { kernels.scale(Float(1 / length), to, target.columns) }
    }
  }
}

/// The components in the layout of the tile kernel, packed when they are first used.
///
/// Any two objects of this type count as equal, because they only repeat what their projections
/// hold.
final class PackedComponents: Sendable, Equatable {
  private let operands = Mutex<[ProcessorLevel: Shared]>([:])

  // Unchecked: the memory is written before it is shared, and never afterwards.
  private struct Shared: @unchecked Sendable {
    let operand: PackedOperand
  }

  func operand(_ projection: Projection, _ engine: Engine) -> PackedOperand {
    let shared = operands.withLock { operands in
      if let known = operands[engine.level] { return known }
      let fresh = projection.components.withUnsafeBufferPointer { buffer in
        guard let start = buffer.baseAddress else {
          preconditionFailure("a projection of rank 0 has nothing to pack")  // Checked before.
        }
        let w = MatrixView(start, rows: projection.rank, columns: projection.inputDimensions)
        return Shared(operand: engine.packRight(w.transposed))
      }
      operands[engine.level] = fresh
      return fresh
    }
    return shared.operand
  }

  static func == (one: PackedComponents, other: PackedComponents) -> Bool { true }
}
