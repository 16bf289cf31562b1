internal import Stores
public import VectorMath

/// A projection fitted to one store, and how well searches survive it: measured, never assumed.
public struct FittedModel: Sendable, Equatable {
  /// The projection.
  public let projection: Projection
  /// Recall and change of scores on a sample of the store's own vectors.
  public let fidelity: Fidelity
}

/// Fits a store's projection in one pass over its rows and measures it in a second.
struct ModelFit {
  let engine: Engine
  let isInterrupted: @Sendable () -> Bool

  /// How many of the store's vectors are asked as queries.
  private static let queryCount = 200

  /// Fits and measures; the reader stands at its beginning afterwards.
  func fit(_ reader: StoreReader, kind: Projection.Kind, target: Int) throws -> FittedModel {
    let positions = Fidelity.sample(of: reader.documentCount, count: Self.queryCount)
    var queries: [[Float]] = []
    let fitter = try ProjectionFitter(
      dimensions: reader.dimensions, target: target, kind: kind, engine: engine)
    try forEachBatch(of: reader) { batch in
      try batch.vectors.withUnsafeBufferPointer { try fitter.add(rows: $0, count: batch.count) }
      queries += Self.rows(of: batch, at: positions)
    }
    let projection = try fitter.finish()
    let fidelity = try measure(projection, on: reader, queries: queries, positions: positions)
    reader.rewind()
    return FittedModel(projection: projection, fidelity: fidelity)
  }

  private func measure(
    _ projection: Projection, on reader: StoreReader, queries: [[Float]], positions: [Int]
  ) throws -> Fidelity {
    // A query is a row itself: it would find itself first on both sides, which proves nothing.
    let probe = try FidelityProbe(
      queries: queries, excluding: positions, projection: projection, engine: engine)
    var reducer = Reducer(projection: projection, engine: engine)
    try forEachBatch(of: reader) { batch in
      try reducer.withReduced(batch.vectors, count: batch.count) { reduced in
        try batch.vectors.withUnsafeBufferPointer {
          try probe.add(original: $0, reduced: reduced, count: batch.count)
        }
      }
    }
    return probe.result()
  }

  private func forEachBatch(of reader: StoreReader, _ body: (DocumentBatch) throws -> Void) throws {
    reader.rewind()
    var batch = DocumentBatch()
    while try reader.next(&batch, limit: StoreLoad.batchRows) {
      if isInterrupted() { throw Failure(.interrupted, "interrupted") }
      try body(batch)
    }
  }

  private static func rows(of batch: DocumentBatch, at positions: [Int]) -> [[Float]] {
    guard let first = batch.documents.first?.position else { return [] }
    let range = first..<first + batch.count
    return positions.filter(range.contains).map { position in
      let start = (position - first) * batch.dimensions
      return Array(batch.vectors[start..<start + batch.dimensions])
    }
  }
}

extension FittedModel {
  /// Throws where searches would suffer more than the operator allows.
  func check(minimumRecall: Double) throws(Failure) {
    guard fidelity.recall < minimumRecall else { return }
    throw Failure(
      .source,
      "recall@\(fidelity.neighbours) after reduction to \(projection.outputDimensions) dimensions "
        + "would be \(fidelity.recall.rounded(digits: 3)), below --min-recall \(minimumRecall)",
      remedy: "accept it with a lower --min-recall, or keep all dimensions in a table of its own: "
        + "--reduce none --table NAME")
  }
}

extension Double {
  /// The number with so many digits after the point.
  func rounded(digits: Int) -> Double {
    var scale = 1.0
    for _ in 0..<digits { scale *= 10 }
    return (self * scale).rounded() / scale
  }
}
