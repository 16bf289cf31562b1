internal import VectorMath

/// Gives the vectors of a batch the dimension that the table takes.
struct Reducer {
  private enum Way {
    case asIs
    case extend(from: Int, to: Int)
    case project(Projection, Engine)
  }

  private let way: Way
  private var reduced: [Float] = []

  /// A reducer that fits no model.
  init(_ reduction: Reduction) {
    if case .extend(let source, let target) = reduction {
      way = .extend(from: source, to: target)
    } else {
      way = .asIs
    }
  }

  /// A reducer by a fitted projection.
  init(projection: Projection, engine: Engine) { way = .project(projection, engine) }

  /// Lends the reduced rows, row after row without gaps; the buffer is used again next time.
  mutating func withReduced<Result>(
    _ rows: [Float], count: Int, _ body: (UnsafeBufferPointer<Float>) throws -> Result
  ) throws -> Result {
    switch way {
    case .asIs:
      return try rows.withUnsafeBufferPointer(body)
    case .extend(let source, let target):
      extend(rows, count: count, from: source, to: target)
    case .project(let projection, let engine):
      try project(rows, count: count, projection, engine)
    }
    return try reduced.withUnsafeBufferPointer(body)
  }

  private mutating func extend(_ rows: [Float], count: Int, from source: Int, to target: Int) {
    reduced.removeAll(keepingCapacity: true)
    reduced.reserveCapacity(count * target)
    for row in 0..<count {
      reduced += rows[row * source..<(row + 1) * source]
      reduced.append(contentsOf: repeatElement(0, count: target - source))
    }
  }

  private mutating func project(
    _ rows: [Float], count: Int, _ projection: Projection, _ engine: Engine
  ) throws {
    let size = count * projection.outputDimensions
    if reduced.count != size { reduced = [Float](repeating: 0, count: size) }
    try rows.withUnsafeBufferPointer { source in
      try reduced.withUnsafeMutableBufferPointer { target in
        try projection.transform(rows: source, count: count, into: target, with: engine)
      }
    }
  }
}
