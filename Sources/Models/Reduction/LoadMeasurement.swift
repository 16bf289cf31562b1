internal import Ledger
package import VectorMath

/// Measures a model with the rows of a store while they are loaded, so that they are neither read
/// nor reduced twice.
///
/// Whether originals are kept must be known before the first row is written: a sample of the rows
/// decides it. Where the sample has decided wrongly, `WrongOriginals` ends the load.
package final class LoadMeasurement {
  /// From this many documents on, stores are measured while they are loaded; smaller ones before.
  package static let smallestStore = 5_000

  /// The largest number of documents among which the sample's queries search.
  private static let sampleSize = 4_096

  /// The model's projection.
  package let projection: Projection
  /// True where the store's unreduced vectors are kept.
  package let keepsOriginals: Bool

  private let originals: OriginalsChoice
  /// True where the rows may still show that originals have to be kept.
  private let mayNeedOriginals: Bool
  private var probes: ModelProbes

  /// Returns an empty sample for a store of this many documents.
  static func documents(of count: Int) -> RowSample { RowSample(of: count, size: sampleSize) }

  /// Prepares a measurement.
  ///
  /// - Parameter keepsOriginals: whether originals are kept; nil where the sample has to decide it.
  init(
    _ model: SampledModel, originals: OriginalsChoice, keepsOriginals: Bool?, engine: Engine
  ) throws {
    self.originals = originals
    projection = model.projection
    switch originals {
    case .always: (self.keepsOriginals, mayNeedOriginals) = (true, false)
    case .never: (self.keepsOriginals, mayNeedOriginals) = (false, false)
    case .auto:
      let isOpen =
        keepsOriginals == nil && originals.isPossible(for: projection, isOwn: model.isOwn)
      self.keepsOriginals =
        try isOpen ? Self.sampleNeedsOriginals(model, engine) : keepsOriginals ?? false
      mayNeedOriginals = isOpen && !self.keepsOriginals
    }
    probes = try ModelProbes(model, ranksByOriginals: self.keepsOriginals, engine: engine)
  }

  /// Returns true where searches among the sample's documents need originals.
  private static func sampleNeedsOriginals(_ model: SampledModel, _ engine: Engine) throws -> Bool {
    let documents = model.documents
    var places: [Int: Int] = [:]
    for (place, position) in documents.positions.enumerated() { places[position] = place }
    let probe = try FidelityProbe(
      queries: model.queries.rows, excluding: model.queries.positions.map { places[$0] },
      projection: model.projection, ranksByOriginals: true, engine: engine)
    var reducer = model.reducer(engine)
    for first in stride(from: 0, to: documents.rows.count, by: 1024) {
      let batch = documents.rows[first..<min(first + 1024, documents.rows.count)]
      try batch.flatMap { $0 }.withUnsafeBufferPointer { rows in
        try reducer.withReduced(rows, count: batch.count) {
          try probe.add(original: rows, reduced: $0, count: batch.count)
        }
      }
    }
    return OriginalsChoice.auto.keeps(
      withRecall: probe.result().recall, ranked: probe.recallByOriginals())
  }

  /// Compares the next rows, before they are written.
  package func add(_ rows: [Float], reduced: [Float], count: Int) throws {
    try rows.withUnsafeBufferPointer { rows in
      try reduced.withUnsafeBufferPointer { try probes.add(rows, reduced: $0, count: count) }
    }
    guard keepsOriginals, probes.hasNumberTooLarge else { return }
    if originals == .always { try probes.refuseLargeNumbers() }
    throw WrongOriginals(areNeeded: false)
  }

  /// Returns the model with all that was measured; called after the last row.
  package func finish() throws -> FittedModel {
    if mayNeedOriginals, originals.mayBeKept(withRecall: probes.recall) {
      throw WrongOriginals(areNeeded: true)
    }
    return FittedModel(
      projection: projection, measurement: probes.measurement(keepsOriginals: keepsOriginals))
  }
}

/// Thrown where the rows of a store show that a sample of them has decided wrongly about originals:
/// nothing may be committed, and the store has to be loaded again.
package struct WrongOriginals: Error {
  /// True where originals have to be kept, false where they cannot be.
  package let areNeeded: Bool
}
