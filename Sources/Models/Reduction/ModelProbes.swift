internal import Ledger
internal import VectorMath

/// A projection, and the rows that were chosen for measuring it.
struct SampledModel {
  let projection: Projection
  /// True where the projection was fitted to the rows that it is measured on.
  let isOwn: Bool
  /// The rows that are used as queries.
  let queries: RowSample
  /// The rows among which the queries of a first, quick measurement search; empty where there is no
  /// such measurement.
  let documents: RowSample
  /// The rows that count as added later, and a projection that was fitted without them; nil where
  /// there are none.
  let added: (rows: LeftOutRows, projection: Projection)?
  /// Half of the rows, which count as added later, and a projection that was fitted to the other
  /// half; nil where there are none.
  let doubled: (rows: LeftOutRows, projection: Projection)?

  /// Returns a reducer for the rows that are measured.
  func reducer(_ engine: Engine) -> Reducer {
    isOwn
      ? Reducer(projection: projection, engine: engine)
      : Reducer(foreign: projection, engine: engine)
  }
}

/// The measurements of a model that are made in one pass over the rows.
struct ModelProbes {
  /// True where the recall is also measured with the nearest rows ranked by their originals.
  let ranksByOriginals: Bool
  private let probe: FidelityProbe
  private var added: AddedProbe?
  private var doubled: AddedProbe?

  /// Prepares the measurement of searches among some of a model's rows.
  ///
  /// - Parameter excluding: the place of each query among these rows; nil where the query is not
  ///   one of the rows.
  init(
    queries: [[Float]], excluding: [Int?], _ projection: Projection, ranksByOriginals: Bool,
    engine: Engine
  ) throws {
    self.ranksByOriginals = ranksByOriginals
    // A query is itself one of the rows: it would find itself first with originals and with reduced
    // vectors, which proves nothing.
    probe = try FidelityProbe(
      queries: queries, excluding: excluding, projection: projection,
      ranksByOriginals: ranksByOriginals, engine: engine)
  }

  /// Prepares all measurements of a model with all of its rows.
  init(_ model: SampledModel, ranksByOriginals: Bool, engine: Engine) throws {
    try self.init(
      queries: model.queries.rows, excluding: model.queries.positions, model.projection,
      ranksByOriginals: ranksByOriginals, engine: engine)
    func probe(_ added: (rows: LeftOutRows, projection: Projection)) throws -> AddedProbe {
      try AddedProbe(
        added.rows, projection: added.projection, ranksByOriginals: ranksByOriginals, engine: engine
      )
    }
    added = try model.added.map(probe)
    doubled = try model.doubled.map(probe)
  }

  /// Compares the next rows with the queries.
  mutating func add(
    _ rows: UnsafeBufferPointer<Float>, reduced: UnsafeBufferPointer<Float>, count: Int
  ) throws {
    try probe.add(original: rows, reduced: reduced, count: count)
    try added?.add(rows, count: count)
    try doubled?.add(rows, count: count)
  }

  /// The recall of searches with full queries among reduced vectors alone.
  var recall: Double { probe.result().recall }
  /// The recall where the nearest rows are ranked by their originals; nil where it was not
  /// measured, or where half precision cannot hold a row.
  var recallByOriginals: Double? { probe.recallByOriginals() }
  /// True where half precision cannot hold a row; also false where this was not checked.
  var hasUnfitRow: Bool { probe.unfitRow != nil }

  /// Returns the measurement so far.
  func measurement(keepsOriginals: Bool) -> ModelMeasurement {
    var fidelity = probe.result()
    func recall(of probe: AddedProbe?) -> Double? {
      keepsOriginals ? probe?.recallByOriginals ?? probe?.recall : probe?.recall
    }
    fidelity.addedRecall = recall(of: added)
    fidelity.doubledRecall = recall(of: doubled)
    return ModelMeasurement(
      fidelity, keepsOriginals: keepsOriginals,
      rerankedRecall: keepsOriginals ? recallByOriginals : nil)
  }

  /// Throws where half precision cannot hold a row.
  func refuseUnfitRow() throws(Failure) {
    guard let row = probe.unfitRow else { return }
    throw Failure(.source, "its vectors, \(row)", remedy: OriginalsTable.remedy)
  }
}
