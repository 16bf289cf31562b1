internal import Bounds
internal import Ledger
package import VectorMath

/// Fits projections and measures them: it reads the rows once to fit, once to measure, and once
/// more where it has to be decided whether originals are kept.
///
/// A model can also be measured while its rows are loaded: see `LoadMeasurement`.
package struct ModelFit {
  let engine: Engine
  /// The choice whether the rows' unreduced vectors are kept in addition to the reduced ones.
  let originals: OriginalsChoice
  /// The memory for rows that are kept between the passes.
  let memory: RowMemory
  /// The reduced rows that the measurement has computed, for a load that follows.
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
  ///
  /// - Parameter remains: vectors that an older model has reduced and so changed; the projection is
  ///   fitted to them as well, but nothing is measured with them. Nil where there are none.
  package func fit(
    _ rows: some RowSource, beside remains: (any RowSource)? = nil, kind: Projection.Kind,
    target: Int
  ) throws -> FittedModel {
    let rows = KeptRows(rows, limit: memory.rows)
    return try measure(sampleAndFit(rows, beside: remains, kind: kind, target: target), on: rows)
  }

  /// Fits a projection to all rows; the projection is to be measured while the rows are loaded.
  ///
  /// - Parameters:
  ///   - keepsOriginals: true where an earlier load of the same rows has found that originals have
  ///     to be kept; nil where there was no such load.
  ///   - isInterrupted: asked while a sample is measured.
  package func fitForLoad(
    of rows: some RowSource, kind: Projection.Kind, target: Int, keepsOriginals: Bool? = nil,
    isInterrupted: () -> Bool = { false }
  ) throws -> LoadMeasurement {
    try LoadMeasurement(
      sampleAndFit(
        rows, kind: kind, target: target, documents: LoadMeasurement.documents(of: rows.count)),
      originals: originals, keepsOriginals: keepsOriginals, engine: engine,
      isInterrupted: isInterrupted)
  }

  /// Measures a model now that was prepared to be measured while rows are loaded.
  package func measure(_ prepared: LoadMeasurement, on rows: some RowSource) throws -> FittedModel {
    try measure(prepared.model, on: KeptRows(rows, limit: memory.rows))
  }

  /// Fits a projection to all rows.
  package func project(_ rows: some RowSource, kind: Projection.Kind, target: Int) throws
    -> Projection
  {
    try requireMemory(for: rows.count, of: rows.dimensions, target: target)
    let fitter = try ProjectionFitter(
      dimensions: rows.dimensions, target: target, kind: kind, engine: engine)
    try rows.forEachBatch { try fitter.add(rows: $0, count: $1) }
    return try fitter.projection()
  }

  /// Measures a projection that was fitted elsewhere.
  ///
  /// - Parameter asking: the number of rows, from the beginning, that can be used as queries; nil
  ///   where all rows can.
  package func measure(_ projection: Projection, on rows: some RowSource, asking: Int? = nil) throws
    -> FittedModel
  {
    let rows = KeptRows(rows, limit: memory.rows)
    return try measure(sample(rows, for: projection, asking: asking), on: rows)
  }

  /// Prepares the measurement of a projection that was fitted elsewhere, while rows are loaded.
  ///
  /// - Parameters:
  ///   - keepsOriginals: true where an earlier load of the same rows has found that originals have
  ///     to be kept; nil where there was no such load.
  ///   - isInterrupted: asked while a sample is measured.
  package func measureWithLoad(
    of rows: some RowSource, _ projection: Projection, keepsOriginals: Bool? = nil,
    isInterrupted: () -> Bool = { false }
  ) throws -> LoadMeasurement {
    try LoadMeasurement(
      sample(
        rows, for: projection, asking: nil,
        documents: LoadMeasurement.documents(of: rows.count)),
      originals: originals, keepsOriginals: keepsOriginals, engine: engine,
      isInterrupted: isInterrupted)
  }

  private func sampleAndFit(
    _ rows: some RowSource, beside remains: (any RowSource)? = nil, kind: Projection.Kind,
    target: Int, documents: RowSample = RowSample(of: 0)
  ) throws -> SampledModel {
    try requireMemory(
      for: rows.count + (remains?.count ?? 0), of: rows.dimensions, target: target,
      beside: documents.positions.count)
    var queries = RowSample(of: rows.count)
    var documents = documents
    var leftOut = LeftOutRows(of: rows.count, kind: kind)
    // A second fit of few rows takes little time.
    var half = LeftOutRows(of: rows.count < target ? rows.count : 0, kind: kind, share: .half)
    let fitter = try ProjectionFitter(
      dimensions: rows.dimensions, target: target, kind: kind, engine: engine)
    let ofHalf = try ProjectionFitter(
      dimensions: rows.dimensions, target: target, kind: kind, engine: engine)
    try rows.forEachBatch { batch, count in
      queries.take(from: batch, count: count)
      documents.take(from: batch, count: count)
      try leftOut.take(from: batch, count: count) { try fitter.add(rows: $0, count: $1) }
      if !half.positions.isEmpty {
        try half.take(from: batch, count: count) { try ofHalf.add(rows: $0, count: $1) }
      }
    }
    var first: Projection?
    if !leftOut.positions.isEmpty {
      first = try fitter.projection(isTurned: false)
      try leftOut.rows.withUnsafeBufferPointer {
        try fitter.add(rows: $0, count: leftOut.positions.count)
      }
    }
    try remains?.forEachBatch { try fitter.add(rows: $0, count: $1) }
    return SampledModel(
      projection: try fitter.projection(), isOwn: true, queries: queries, documents: documents,
      added: first.map { (leftOut, $0) },
      doubled: half.positions.isEmpty ? nil : (half, try ofHalf.projection(isTurned: false)))
  }

  private func sample(
    _ rows: some RowSource, for projection: Projection, asking: Int?,
    documents: RowSample = RowSample(of: 0)
  ) throws -> SampledModel {
    var queries = RowSample(of: asking ?? rows.count)
    var documents = documents
    try rows.forEachBatch {
      queries.take(from: $0, count: $1)
      documents.take(from: $0, count: $1)
    }
    return SampledModel(
      projection: projection, isOwn: false, queries: queries, documents: documents, added: nil,
      doubled: nil)
  }

  /// Throws where the memory is too small for the matrices of a fit; called before the first matrix
  /// is made.
  ///
  /// - Parameters:
  ///   - rows: the number of rows that the projection is fitted to.
  ///   - width: the length of each row.
  ///   - sample: the number of rows that are kept for the measurement.
  private func requireMemory(
    for rows: Int, of width: Int, target: Int, beside sample: Int = 0
  ) throws {
    // With more rows than the target dimension: the second moment in both precisions, and its
    // eigenvectors. With fewer rows: the rows themselves, what they span, and its images; and less
    // than as much again for the fit of half of them.
    let isMoment = rows > target
    let bytes = width.multipliedSaturated(by: isMoment ? width : rows)
      .multipliedSaturated(by: isMoment ? 28 : 80)
      .addingSaturated(sample.multipliedSaturated(by: width).multipliedSaturated(by: 4))
    try MemoryRoom.require(bytes, for: "fitting a projection of \(width) dimensions")
  }

  private func measure(_ model: SampledModel, on rows: some RowSource) throws -> FittedModel {
    var probes = try ModelProbes(model, ranksByOriginals: originals == .always, engine: engine)
    var reducer = model.reducer(engine)
    try rows.forEachBatch { batch, count in
      try reducer.withReduced(batch, count: count) { rows in
        reduced.add(rows, count: count)
        try probes.add(batch, reduced: rows, count: count)
      }
    }
    if originals.mayBeKept(withRecall: probes.recall),
      originals.isPossible(for: model.projection, isOwn: model.isOwn)
    {
      // Few stores need this pass, and those keep twice as many numbers.
      probes = try ModelProbes(model, ranksByOriginals: true, engine: engine)
      try rows.forEachBatch { batch, count in
        try reducer.withReduced(batch, count: count) {
          try probes.add(batch, reduced: $0, count: count)
        }
      }
    }
    if originals == .always { try probes.refuseUnfitRow() }
    return FittedModel(
      projection: model.projection,
      measurement: probes.measurement(
        keepsOriginals: originals.keeps(
          withRecall: probes.recall, ranked: probes.recallByOriginals)))
  }
}
