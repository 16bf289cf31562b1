internal import Models
internal import Stores
package import VectorMath

/// Other ways to store vectors that are too long for the table: the recall of each way, and the
/// space that a row would need.
package struct Alternatives: Sendable, Equatable {
  /// A way to store vectors.
  package struct Way: Sendable, Equatable {
    /// The way in which vectors are stored and compared.
    package let method: StorageMethod
    /// The dimension with which vectors are compared.
    package let dimensions: Int
    /// The share of true neighbours that are found among the sample's rows.
    package let recall: Double
    /// The size of a row's vectors in bytes, in the table and among the originals.
    package let bytesPerRow: Int
    /// The size in bytes of the vector that an index holds for each row.
    package let indexedBytesPerRow: Int
  }

  /// The ways to store the vectors, in the order of display; empty where nothing could be measured.
  package let ways: [Way]
  /// The number of rows that were compared.
  package let sampleRows: Int
  /// The number of rows that the store has.
  package let rows: Int
  /// The number of queries that were used.
  package let queries: Int
  /// The reason why nothing was measured; nil where the ways were measured.
  package let skipped: String?

  /// Measures the ways on the vectors of at most 20,000 documents of a store, spread evenly, with
  /// 200 of them as queries.
  ///
  /// - Parameter model: the store's projection; where it is nil or not uncentred, another
  ///   projection is fitted to the sample.
  init(
    of vectors: StoreVectors, model: Projection?, target: Int, engine: Engine,
    isInterrupted: @escaping @Sendable () -> Bool
  ) throws {
    let source = vectors.dimensions
    let sample = try FleetSample(of: vectors, isInterrupted: isInterrupted)
    rows = sample.population
    sampleRows = sample.count
    guard sample.count > target else {
      (ways, queries, skipped) = ([], 0, "the store's vectors could not be read again")
      return
    }
    var projection = model?.kind == .uncentered ? model : nil
    var asked = RowSample(of: sample.count)
    let fitter = try ProjectionFitter(dimensions: source, target: target, engine: engine)
    try sample.forEachBatch { batch, count in
      asked.take(from: batch, count: count)
      if projection == nil { try fitter.add(rows: batch, count: count) }
    }
    if projection == nil { projection = try fitter.projection() }
    guard let projection else { preconditionFailure("it was fitted above") }
    let trial = try StorageTrial(
      queries: asked.rows, excluding: asked.positions.prefix(asked.rows.count).map { $0 },
      projection: projection, engine: engine)
    try sample.forEachBatch { try trial.add(rows: $0, count: $1) }
    let recalls = trial.recalls()
    ways = StorageMethod.allCases.map { method in
      Way(method, recall: recalls[method] ?? 0, source: source, target: target)
    }
    queries = asked.rows.count
    skipped = nil
  }
}

extension Alternatives.Way {
  /// Creates a way and computes its sizes: a `vector` has four bytes for each number, a `halfvec`
  /// two, and both have a header of eight bytes.
  fileprivate init(_ method: StorageMethod, recall: Double, source: Int, target: Int) {
    let reduced = 4 * target + 8
    let half = 2 * source + 8
    self.method = method
    self.recall = recall
    dimensions = method == .halfPrecision ? source : target
    bytesPerRow =
      switch method {
      case .projected, .truncated: reduced
      case .halfPrecision: 4 * source + 8
      case .reranked: reduced + half
      }
    indexedBytesPerRow = method == .halfPrecision ? half : reduced
  }
}
