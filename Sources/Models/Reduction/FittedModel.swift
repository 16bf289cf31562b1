package import Ledger
internal import Bounds
package import VectorMath

/// A projection, and how well searches work with it: measured on one store, never assumed.
package struct FittedModel: Sendable, Equatable {
  /// The projection.
  package let projection: Projection
  /// Recall and change of scores on a sample of the store's own vectors.
  package let fidelity: Fidelity
  /// The recall where search results are ranked again by their originals; nil where originals are
  /// not kept.
  package internal(set) var rerankedRecall: Double?

  package init(projection: Projection, fidelity: Fidelity, rerankedRecall: Double? = nil) {
    self.projection = projection
    self.fidelity = fidelity
    self.rerankedRecall = rerankedRecall
  }
}

/// Fits projections and measures them: one pass over the rows to fit, another one to measure.
package struct ModelFit {
  let engine: Engine
  /// True where the recall of ranking by kept originals is also measured.
  var reranks = false

  package init(engine: Engine, reranks: Bool = false) {
    self.engine = engine
    self.reranks = reranks
  }

  /// Fits a projection to all rows, and measures it on them.
  package func fit(_ rows: some RowSource, kind: Projection.Kind, target: Int) throws -> FittedModel
  {
    try requireMemory(for: rows, target: target)
    var sample = QuerySample(of: rows.count)
    let fitter = try ProjectionFitter(
      dimensions: rows.dimensions, target: target, kind: kind, engine: engine)
    try rows.forEachBatch { batch, count in
      try fitter.add(rows: batch, count: count)
      sample.take(from: batch, count: count)
    }
    let projection = try fitter.finish()
    let reducer = Reducer(projection: projection, engine: engine)
    return FittedModel(
      projection: projection, fidelity: try measure(reducer, projection, on: rows, sample),
      rerankedRecall: try rerankedRecall(projection, on: rows, sample))
  }

  /// Fits a projection to all rows.
  package func project(_ rows: some RowSource, kind: Projection.Kind, target: Int) throws
    -> Projection
  {
    try requireMemory(for: rows, target: target)
    let fitter = try ProjectionFitter(
      dimensions: rows.dimensions, target: target, kind: kind, engine: engine)
    try rows.forEachBatch { try fitter.add(rows: $0, count: $1) }
    return try fitter.finish()
  }

  /// Throws where the matrices of a fit would not fit into memory; called before the first is made.
  private func requireMemory(for rows: some RowSource, target: Int) throws {
    let width = rows.dimensions
    // With more rows than the target dimension: the second moment in both precisions, and its
    // eigenvectors. With fewer: the rows themselves, what they span, and its images.
    let isMoment = rows.count > target
    let bytes = width.multipliedSaturated(by: isMoment ? width : rows.count)
      .multipliedSaturated(by: isMoment ? 24 : 36)
    try MemoryRoom.require(bytes, for: "fitting a projection of \(width) dimensions")
  }

  /// Measures a projection that was fitted elsewhere.
  ///
  /// - Parameter asking: only this many rows from the beginning can be queries; nil for all.
  package func measure(_ projection: Projection, on rows: some RowSource, asking: Int? = nil) throws
    -> FittedModel
  {
    var sample = QuerySample(of: asking ?? rows.count)
    try rows.forEachBatch { sample.take(from: $0, count: $1) }
    let reducer = Reducer(foreign: projection, engine: engine)
    return FittedModel(
      projection: projection, fidelity: try measure(reducer, projection, on: rows, sample),
      rerankedRecall: try rerankedRecall(projection, on: rows, sample))
  }

  private func rerankedRecall(
    _ projection: Projection, on rows: some RowSource, _ sample: QuerySample
  ) throws -> Double? {
    guard reranks else { return nil }
    let trial = try StorageTrial(
      queries: sample.queries, excluding: sample.positions, projection: projection,
      engine: engine)
    try rows.forEachBatch { try trial.add(rows: $0, count: $1) }
    return trial.recalls()[.reranked]
  }

  private func measure(
    _ reducer: Reducer, _ projection: Projection, on rows: some RowSource, _ sample: QuerySample
  ) throws -> Fidelity {
    // A query is itself one of the rows: it would find itself first on both sides, which proves
    // nothing.
    let probe = try FidelityProbe(
      queries: sample.queries, excluding: sample.positions, projection: projection,
      engine: engine)
    var reducer = reducer
    try rows.forEachBatch { batch, count in
      try reducer.withReduced(batch, count: count) { reduced in
        try probe.add(original: batch, reduced: reduced, count: count)
      }
    }
    return probe.result()
  }
}

extension FittedModel {
  /// Throws where recall is below the operator's minimum.
  package func check(minimumRecall: Double) throws(Failure) {
    let recall = max(fidelity.recall, rerankedRecall ?? 0)
    guard recall < minimumRecall else { return }
    throw Failure(
      .source,
      "recall@\(fidelity.neighbours) after reduction to \(projection.outputDimensions) dimensions "
        + "would be \(recall.rounded(digits: 3)), below --min-recall \(minimumRecall)",
      remedy: "keep originals for search to rank by (--keep-original), keep all dimensions in a "
        + "table of its own (--reduce none --table NAME), or accept the lower recall with "
        + "--min-recall"
    )
  }
}

extension Double {
  /// Returns the number rounded to this many digits after the point.
  package func rounded(digits: Int) -> Double {
    var scale = 1.0
    for _ in 0..<digits { scale *= 10 }
    return (self * scale).rounded() / scale
  }
}
