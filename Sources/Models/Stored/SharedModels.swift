internal import Ledger
package import Machine
package import Postgres
internal import OwnSchema
package import Stores
internal import Synchronization
package import VectorMath

/// A model that all stores of one dimension share.
package struct SharedModel: Sendable {
  /// The model's id in the database; nil where it is not written yet.
  package var id: Int?
  package let projection: Projection
  /// The number of rows that all the stores had together when the model was fitted; zero for a
  /// model that was read from the database.
  package let population: Int
}

/// Finds shared models in the database, or fits them to a sample of all stores.
package final class SharedModels: Sendable {
  private let found: [FoundStore]
  private let engine: @Sendable () throws -> Engine
  private let isInterrupted: @Sendable () -> Bool
  private let known = Mutex<[ModelTable.Shape: SharedModel]>([:])

  /// Creates a set without models.
  ///
  /// - Parameter found: all stores in the user data directory, including those that this run leaves
  ///   out, so that the order in which stores are migrated does not decide which model they get.
  package init(
    found: [FoundStore], engine: @escaping @Sendable () throws -> Engine,
    isInterrupted: @escaping @Sendable () -> Bool
  ) {
    self.found = found
    self.engine = engine
    self.isInterrupted = isInterrupted
  }

  /// Returns a model that was already found or fitted; nil where there is none.
  package subscript(shape: ModelTable.Shape) -> SharedModel? { known.withLock { $0[shape] } }

  /// Returns the model of a shape: the database's model, or a model that is fitted now and only
  /// kept in memory.
  package func model(_ shape: ModelTable.Shape, in table: ModelTable?) throws -> SharedModel {
    if let model = self[shape] { return model }
    let model = try table.flatMap { try Self.stored(shape, in: $0) } ?? fit(shape)
    known.withLock { $0[shape] = model }
    return model
  }

  private static func stored(_ shape: ModelTable.Shape, in table: ModelTable) throws
    -> SharedModel?
  {
    try table.shared(shape).map {
      SharedModel(id: $0, projection: try table.projection($0), population: 0)
    }
  }

  private func fit(_ shape: ModelTable.Shape) throws -> SharedModel {
    let sample = try FleetSample(
      of: found, dimensions: shape.source, isInterrupted: isInterrupted)
    let fitter = try ProjectionFitter(
      dimensions: shape.source, target: shape.target, kind: shape.kind, engine: try engine())
    try sample.forEachBatch { try fitter.add(rows: $0, count: $1) }
    return SharedModel(
      id: nil, projection: try fitter.projection(), population: sample.population)
  }

  /// Writes a fitted model into the database and commits it, in a transaction of its own, before
  /// any store that refers to it.
  ///
  /// Where two runs fit at the same time, one commits first, and the other uses that model.
  package func commit(_ shape: ModelTable.Shape, on connection: Connection, run: RunID) throws {
    guard let model = self[shape], model.id == nil else { return }
    let table = ModelTable(connection: connection)
    let committed = try connection.transaction {
      try connection.query("SELECT pg_advisory_xact_lock(\(AdvisoryLock.schema))")
      if let other = try Self.stored(shape, in: table) { return other }
      var committed = model
      committed.id = try table.insert(
        model.projection, owner: nil, run: run, population: model.population)
      return committed
    }
    known.withLock { $0[shape] = committed }
  }
}
