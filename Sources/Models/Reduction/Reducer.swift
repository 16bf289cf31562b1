internal import Bounds
package import VectorMath

/// Converts the vectors of a batch to the dimension of the table.
package struct Reducer {
  private enum Way {
    case asIs
    case extend(from: Int, to: Int)
    case project(Projection, Engine, isFitted: Bool)
  }

  private let way: Way
  private var reduced: [Float] = []
  /// Rows that were reduced before by the same projection; nil where there are none.
  private var kept: ReducedRows?

  /// Creates a reducer without a model: it extends vectors, or leaves them as they are.
  package init(_ reduction: Reduction) {
    if case .extend(let source, let target) = reduction {
      way = .extend(from: source, to: target)
    } else {
      way = .asIs
    }
  }

  /// Creates a reducer with a projection that was fitted to the same rows.
  package init(projection: Projection, engine: Engine) {
    way = .project(projection, engine, isFitted: true)
  }

  /// Creates a reducer with a projection that was fitted to other rows: it reduces rows like
  /// documents that are added after a fit.
  package init(foreign projection: Projection, engine: Engine) {
    way = .project(projection, engine, isFitted: false)
  }

  /// Returns a reducer whose `reducedRows` takes rows out of `kept` where the rows at these
  /// positions were reduced before.
  package func using(_ kept: ReducedRows?) -> Reducer {
    var reducer = self
    reducer.kept = kept
    return reducer
  }

  /// Returns the reduced rows of an array; the array begins at this position of the store.
  package mutating func reducedRows(_ rows: [Float], from position: Int, count: Int) throws
    -> [Float]
  {
    if case .asIs = way { return rows }
    if let known = kept?.take(from: position, count: count) { return known }
    return try withReduced(rows, count: count) { Array($0) }
  }

  /// Calls `body` with the reduced rows, one after the other without gaps; the buffer is reused by
  /// the next call.
  mutating func withReduced<Result>(
    _ rows: UnsafeBufferPointer<Float>, count: Int,
    _ body: (UnsafeBufferPointer<Float>) throws -> Result
  ) throws -> Result {
    switch way {
    case .asIs:
      return try body(rows)
    case .extend(let source, let target):
      extend(rows, count: count, from: source, to: target)
    case .project(let projection, let engine, let isFitted):
      try project(rows, count: count, projection, engine, isFitted: isFitted)
    }
    return try reduced.withUnsafeBufferPointer(body)
  }

  private mutating func extend(
    _ rows: UnsafeBufferPointer<Float>, count: Int, from source: Int, to target: Int
  ) {
    reduced.removeAll(keepingCapacity: true)
    reduced.reserveCapacity(count * target)
    for row in 0..<count {
      reduced += rows[row * source..<(row + 1) * source]
      reduced.append(contentsOf: repeatElement(0, count: target - source))
    }
  }

  private mutating func project(
    _ rows: UnsafeBufferPointer<Float>, count: Int, _ projection: Projection, _ engine: Engine,
    isFitted: Bool
  ) throws {
    let size = count * projection.outputDimensions
    if reduced.count != size { reduced = [Float](repeating: 0, count: size) }
    try reduced.withUnsafeMutableBufferPointer { target in
      if isFitted {
        try projection.transform(rows: rows, count: count, into: target, with: engine)
      } else {
        try projection.transformDocuments(rows: rows, count: count, into: target, with: engine)
      }
      // Where the model keeps so little of a row that pgvector could not compare it, searches must
      // find nothing rather than anything.
      for row in 0..<count {
        let place = row * projection.outputDimensions..<(row + 1) * projection.outputDimensions
        let result = UnsafeMutableBufferPointer(rebasing: target[place])
        if VectorLength.outside(UnsafeBufferPointer(result)) != nil { result.update(repeating: 0) }
      }
    }
  }
}

extension Reducer {
  /// Calls `body` with the reduced rows of an array; the buffer is reused by the next call.
  package mutating func withReduced<Result>(
    _ rows: [Float], count: Int, _ body: (UnsafeBufferPointer<Float>) throws -> Result
  ) throws -> Result {
    try rows.withUnsafeBufferPointer { try withReduced($0, count: count, body) }
  }
}
