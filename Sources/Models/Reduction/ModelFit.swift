internal import Bounds
internal import Ledger
package import VectorMath

/// Fits projections and measures them: one pass over the rows to fit, another one to measure.
package struct ModelFit {
  let engine: Engine
  /// Whether the rows' unreduced vectors are kept beside the reduced ones.
  let originals: OriginalsChoice

  package init(engine: Engine, originals: OriginalsChoice = .never) {
    self.engine = engine
    self.originals = originals
  }

  /// Fits a projection to all rows, and measures it on them.
  package func fit(_ rows: some RowSource, kind: Projection.Kind, target: Int) throws -> FittedModel
  {
    try requireMemory(for: rows, target: target)
    var sample = QuerySample(of: rows.count)
    var leftOut = LeftOutRows(of: rows.count, kind: kind)
    let fitter = try ProjectionFitter(
      dimensions: rows.dimensions, target: target, kind: kind, engine: engine)
    try rows.forEachBatch { batch, count in
      sample.take(from: batch, count: count)
      try leftOut.take(from: batch, count: count) { try fitter.add(rows: $0, count: $1) }
    }
    var added: AddedProbe?
    if !leftOut.positions.isEmpty {
      let first = try fitter.projection()
      added = try AddedProbe(
        leftOut, projection: first,
        ranksByOriginals: originals.isPossible(for: first, isOwn: false), engine: engine)
      try leftOut.rows.withUnsafeBufferPointer {
        try fitter.add(rows: $0, count: leftOut.positions.count)
      }
    }
    let projection = try fitter.projection()
    return try measure(
      Reducer(projection: projection, engine: engine), projection, on: rows, sample, added: added,
      isOwn: true)
  }

  /// Fits a projection to all rows.
  package func project(_ rows: some RowSource, kind: Projection.Kind, target: Int) throws
    -> Projection
  {
    try requireMemory(for: rows, target: target)
    let fitter = try ProjectionFitter(
      dimensions: rows.dimensions, target: target, kind: kind, engine: engine)
    try rows.forEachBatch { try fitter.add(rows: $0, count: $1) }
    return try fitter.projection()
  }

  /// Throws where the matrices of a fit would not fit into memory; called before the first is made.
  private func requireMemory(for rows: some RowSource, target: Int) throws {
    let width = rows.dimensions
    // With more rows than the target dimension: the second moment in both precisions, and its
    // eigenvectors. With fewer: the rows themselves, what they span, and its images.
    let isMoment = rows.count > target
    let bytes = width.multipliedSaturated(by: isMoment ? width : rows.count)
      .multipliedSaturated(by: isMoment ? 28 : 40)
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
    return try measure(
      Reducer(foreign: projection, engine: engine), projection, on: rows, sample, isOwn: false)
  }

  private func measure(
    _ reducer: Reducer, _ projection: Projection, on rows: some RowSource, _ sample: QuerySample,
    added: AddedProbe? = nil, isOwn: Bool
  ) throws -> FittedModel {
    // A query is itself one of the rows: it would find itself first on both sides, which proves
    // nothing.
    let probe = try FidelityProbe(
      queries: sample.queries, excluding: sample.positions, projection: projection,
      ranksByOriginals: originals.isPossible(for: projection, isOwn: isOwn), engine: engine)
    var (reducer, added) = (reducer, added)
    try rows.forEachBatch { batch, count in
      try reducer.withReduced(batch, count: count) { reduced in
        try probe.add(original: batch, reduced: reduced, count: count)
      }
      try added?.add(batch, count: count)
    }
    if originals == .always, let number = probe.numberTooLarge { throw Self.refusal(of: number) }
    var fidelity = probe.result()
    let reranked = probe.recallByOriginals()
    let keeps = originals.keeps(withRecall: fidelity.recall, ranked: reranked)
    fidelity.addedRecall = keeps ? added?.recallByOriginals ?? added?.recall : added?.recall
    return FittedModel(
      projection: projection,
      measurement: ModelMeasurement(
        fidelity, keepsOriginals: keeps, rerankedRecall: keeps ? reranked : nil))
  }

  private static func refusal(of number: NumberTooLarge) -> Failure {
    Failure(
      .source,
      "its vectors, row \(number.row), position \(number.position): \(number.value) is too large "
        + "for half precision",
      remedy: OriginalsTable.remedy)
  }
}
