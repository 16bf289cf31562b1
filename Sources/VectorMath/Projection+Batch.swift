extension Projection {
  /// Reduces `count` fitted rows at once: `rows` holds `count` × `inputDimensions` numbers,
  /// `target` receives `count` × `outputDimensions`.
  ///
  /// The residual slots stay zero; rows that were not fitted need `reduceDocument`.
  public func transform(
    rows: UnsafeBufferPointer<Float>, count: Int, into target: UnsafeMutableBufferPointer<Float>,
    with engine: Engine
  ) throws(ProjectionError) {
    guard rows.count == count * inputDimensions else {
      throw .wrongLength(expected: count * inputDimensions, found: rows.count)
    }
    guard target.count == count * outputDimensions else {
      throw .wrongLength(expected: count * outputDimensions, found: target.count)
    }
    guard count > 0, let source = rows.baseAddress, let result = target.baseAddress else { return }
    if let bad = engine.firstNonFinite(source, rows: count, columns: inputDimensions) {
      throw .notFinite(row: bad.row, position: bad.position)
    }
    if kind == .truncated {
      engine.truncate(
        MatrixView(source, rows: count, columns: inputDimensions),
        into: MatrixTarget(result, rows: count, columns: outputDimensions))
    } else {
      project(source, count, result, engine)
    }
  }

  private func project(
    _ source: UnsafePointer<Float>, _ count: Int, _ result: UnsafeMutablePointer<Float>,
    _ engine: Engine
  ) {
    components.withUnsafeBufferPointer { buffer in
      guard let start = buffer.baseAddress, rank > 0 else {
        result.update(repeating: 0, count: count * outputDimensions)
        return
      }
      let w = MatrixView(start, rows: rank, columns: inputDimensions)
      engine.multiply(
        MatrixView(source, rows: count, columns: inputDimensions), w.transposed,
        into: MatrixTarget(result, rows: count, columns: rank, stride: outputDimensions),
        overwrite: true)
      for row in 0..<count where rank < outputDimensions {
        (result + row * outputDimensions + rank).update(
          repeating: 0, count: outputDimensions - rank)
      }
      if kind == .centered { subtractMean(w, count, result, engine) }
    }
  }

  /// W·(x − mean) = W·x − W·mean.
  private func subtractMean(
    _ w: MatrixView, _ count: Int, _ result: UnsafeMutablePointer<Float>, _ engine: Engine
  ) {
    let offset = mean.withUnsafeBufferPointer { mean in
      (0..<rank).map { row -> Float in
        guard let start = mean.baseAddress else { return 0 }
        return Float(engine.kernels.wideDot(w.start + row * w.rowStride, start, inputDimensions))
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

extension Engine {
  /// The place of the first number that is not finite.
  func firstNonFinite(
    _ start: UnsafePointer<Float>, rows: Int, columns: Int
  ) -> (row: Int, position: Int)? {
    for row in 0..<rows where !kernels.isFinite(start + row * columns, columns) {
      for position in 0..<columns where !start[row * columns + position].isFinite {
        return (row, position)
      }
    }
    return nil
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
