internal import Bounds
internal import Ledger
package import VectorMath

/// Fits projections and measures them: one pass over the rows to fit, another one to measure, and a
/// third one where it has to be decided whether originals are kept.
package struct ModelFit {
  let engine: Engine
  /// Whether the rows' unreduced vectors are kept beside the reduced ones.
  let originals: OriginalsChoice
  /// The memory for rows that are kept between the passes.
  let memory: RowMemory
  /// The reduced rows of the measurement, for a load that follows.
  package let reduced: ReducedRows

  package init(
    engine: Engine, originals: OriginalsChoice = .never, memory: RowMemory = .none
  ) {
    self.engine = engine
    self.originals = originals
    self.memory = memory
    reduced = ReducedRows(limit: memory.reduced)
  }

  /// Fits a projection to all rows, and measures it on them.
  package func fit(_ rows: some RowSource, kind: Projection.Kind, target: Int) throws -> FittedModel
  {
    try requireMemory(for: rows, target: target)
    let rows = KeptRows(rows, limit: memory.rows)
    var sample = QuerySample(of: rows.count)
    var leftOut = LeftOutRows(of: rows.count, kind: kind)
    let fitter = try ProjectionFitter(
      dimensions: rows.dimensions, target: target, kind: kind, engine: engine)
    try rows.forEachBatch { batch, count in
      sample.take(from: batch, count: count)
      try leftOut.take(from: batch, count: count) { try fitter.add(rows: $0, count: $1) }
    }
    var first: Projection?
    if !leftOut.positions.isEmpty {
      first = try fitter.projection(isTurned: false)
      try leftOut.rows.withUnsafeBufferPointer {
        try fitter.add(rows: $0, count: leftOut.positions.count)
      }
    }
    let projection = try fitter.projection()
    return try measure(
      Reducer(projection: projection, engine: engine), projection, on: rows, sample,
      added: first.map { (leftOut, $0) }, isOwn: true)
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
    let rows = KeptRows(rows, limit: memory.rows)
    var sample = QuerySample(of: asking ?? rows.count)
    try rows.forEachBatch { sample.take(from: $0, count: $1) }
    return try measure(
      Reducer(foreign: projection, engine: engine), projection, on: rows, sample, isOwn: false)
  }

  private func measure(
    _ reducer: Reducer, _ projection: Projection, on rows: some RowSource, _ sample: QuerySample,
    added: (rows: LeftOutRows, projection: Projection)? = nil, isOwn: Bool
  ) throws -> FittedModel {
    var probes = try Probes(
      sample, projection, added, ranksByOriginals: originals == .always, engine: engine)
    var reducer = reducer
    try rows.forEachBatch { batch, count in
      try reducer.withReduced(batch, count: count) { rows in
        reduced.add(rows, count: count)
        try probes.add(batch, reduced: rows, count: count)
      }
    }
    if originals.mayBeKept(withRecall: probes.probe.result().recall),
      originals.isPossible(for: projection, isOwn: isOwn)
    {
      // Few stores need this pass, and those keep twice as many numbers.
      probes = try Probes(sample, projection, added, ranksByOriginals: true, engine: engine)
      try rows.forEachBatch { batch, count in
        try reducer.withReduced(batch, count: count) {
          try probes.add(batch, reduced: $0, count: count)
        }
      }
    }
    let (probe, added) = (probes.probe, probes.added)
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

  /// What is measured in one pass over the rows.
  private struct Probes {
    let probe: FidelityProbe
    private(set) var added: AddedProbe?

    init(
      _ sample: QuerySample, _ projection: Projection,
      _ added: (rows: LeftOutRows, projection: Projection)?, ranksByOriginals: Bool, engine: Engine
    ) throws {
      // A query is itself one of the rows: it would find itself first on both sides, which proves
      // nothing.
      probe = try FidelityProbe(
        queries: sample.queries, excluding: sample.positions, projection: projection,
        ranksByOriginals: ranksByOriginals, engine: engine)
      self.added = try added.map {
        try AddedProbe(
          $0.rows, projection: $0.projection, ranksByOriginals: ranksByOriginals, engine: engine)
      }
    }

    mutating func add(
      _ rows: UnsafeBufferPointer<Float>, reduced: UnsafeBufferPointer<Float>, count: Int
    ) throws {
      try probe.add(original: rows, reduced: reduced, count: count)
      try added?.add(rows, count: count)
    }
  }

  private static func refusal(of number: NumberTooLarge) -> Failure {
    Failure(
      .source,
      "its vectors, row \(number.row), position \(number.position): \(number.value) is too large "
        + "for half precision",
      remedy: OriginalsTable.remedy)
  }
}
