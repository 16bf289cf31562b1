internal import Ledger
package import VectorMath

/// Measures a model with the rows of a store while these are loaded, so that no row is read or
/// reduced twice.
///
/// The choice to keep originals is made before the first row is written: a sample of the rows
/// decides it. Where the loaded rows lead to another decision, `WrongOriginals` ends the load.
package final class LoadMeasurement {
  /// The smallest number of documents with which a store is measured while it is loaded; smaller
  /// stores are measured before the load.
  package static let smallestStore = 5_000

  /// The largest number of sampled documents; the sample's queries search among these.
  private static let sampleSize = 2_048

  /// The model's projection.
  package let projection: Projection
  /// True where the store's unreduced vectors are kept.
  package let keepsOriginals: Bool
  /// The recall of searches among the sample's documents, ranked by originals where these are kept
  /// or may have to be.
  package let sampleRecall: Double

  let model: SampledModel
  private let originals: OriginalsChoice
  /// True where the rows may still show that originals have to be kept.
  private let mayNeedOriginals: Bool
  private var probes: ModelProbes
  private var rowCount = 0
  /// The number of compared rows at which it is next checked whether originals have to be kept.
  private var nextCheck = 8_192

  /// Returns an empty sample for a store of this many documents.
  static func documents(of count: Int) -> RowSample { RowSample(of: count, size: sampleSize) }

  /// Prepares a measurement.
  ///
  /// - Parameters:
  ///   - keepsOriginals: true where an earlier load of the same rows has found that originals have
  ///     to be kept; nil where there was no such load.
  ///   - isInterrupted: asked while the sample is measured.
  init(
    _ model: SampledModel, originals: OriginalsChoice, keepsOriginals: Bool?, engine: Engine,
    isInterrupted: () -> Bool
  ) throws {
    self.model = model
    self.originals = originals
    projection = model.projection
    let isPossible = originals.isPossible(for: model.projection, isOwn: model.isOwn)
    let sample = try Self.measureSample(
      of: model, ranksByOriginals: isPossible, engine, isInterrupted)
    var isDoubtful = false
    switch (originals, keepsOriginals) {
    case (.always, _): self.keepsOriginals = true
    case (.auto, let known?): self.keepsOriginals = known
    case (.auto, nil) where isPossible && !sample.hasUnfitRow:
      self.keepsOriginals = originals.keeps(
        withRecall: sample.recall, ranked: sample.recallByOriginals)
      isDoubtful = !self.keepsOriginals
    case (.auto, nil), (.never, _): self.keepsOriginals = false
    }
    mayNeedOriginals = isDoubtful
    sampleRecall = max(
      sample.recall, self.keepsOriginals || isDoubtful ? sample.recallByOriginals ?? 0 : 0)
    probes = try ModelProbes(
      model,
      // Where the sample found that originals help little, all rows have to find it too.
      ranksByOriginals: self.keepsOriginals
        || isDoubtful && originals.mayBeKept(withRecall: sample.recall),
      engine: engine)
  }

  /// Measures searches among the sample's documents.
  private static func measureSample(
    of model: SampledModel, ranksByOriginals: Bool, _ engine: Engine, _ isInterrupted: () -> Bool
  ) throws -> ModelProbes {
    let documents = model.documents
    var places: [Int: Int] = [:]
    for (place, position) in documents.positions.enumerated() { places[position] = place }
    var probes = try ModelProbes(
      queries: model.queries.rows, excluding: model.queries.positions.map { places[$0] },
      model.projection, ranksByOriginals: ranksByOriginals, engine: engine)
    var reducer = model.reducer(engine)
    for first in stride(from: 0, to: documents.rows.count, by: 512) {
      if isInterrupted() { throw Failure(.interrupted, "interrupted") }
      let batch = documents.rows[first..<min(first + 512, documents.rows.count)]
      try batch.flatMap { $0 }.withUnsafeBufferPointer { rows in
        try reducer.withReduced(rows, count: batch.count) {
          try probes.add(rows, reduced: $0, count: batch.count)
        }
      }
    }
    return probes
  }

  /// Compares the next rows with the queries, before these rows are written.
  package func add(_ rows: [Float], reduced: [Float], count: Int) throws {
    try rows.withUnsafeBufferPointer { rows in
      try reduced.withUnsafeBufferPointer { try probes.add(rows, reduced: $0, count: count) }
    }
    rowCount += count
    if mayNeedOriginals, rowCount >= nextCheck {
      // Rows that are written in vain should be few.
      nextCheck *= 2
      if needsOriginals { throw WrongOriginals(areNeeded: true) }
    }
    guard keepsOriginals, probes.hasUnfitRow else { return }
    if originals == .always { try probes.refuseUnfitRow() }
    throw WrongOriginals(areNeeded: false)
  }

  /// True where the rows that were compared so far show that originals have to be kept.
  private var needsOriginals: Bool {
    probes.ranksByOriginals
      ? originals.keeps(withRecall: probes.recall, ranked: probes.recallByOriginals)
      : originals.mayBeKept(withRecall: probes.recall)
  }

  /// Returns the model with all that was measured, after the last row; throws `WrongOriginals`
  /// where the store has to be loaded again.
  package func finish() throws -> FittedModel {
    if mayNeedOriginals, needsOriginals { throw WrongOriginals(areNeeded: true) }
    if keepsOriginals, !needsOriginals, originals == .auto {
      throw WrongOriginals(areNeeded: false)
    }
    return FittedModel(
      projection: projection, measurement: probes.measurement(keepsOriginals: keepsOriginals))
  }
}

/// The error where the rows of a store lead to another decision about originals than a sample of
/// them: nothing may be committed, and the store has to be loaded again.
package struct WrongOriginals: Error {
  /// True where originals have to be kept; false where they cannot be stored, or do not improve
  /// searches.
  package let areNeeded: Bool
}
