package import Ledger
package import Postgres
internal import OwnSchema
package import Stores
package import VectorMath

/// A model that all stores of one dimension share.
package struct SharedModel {
  /// Its id in the database; nil where it is not there yet.
  package var id: Int?
  package let projection: Projection
  /// How many rows the stores had together when it was fitted.
  package let population: Int
}

/// Finds shared models in the database, or fits them to a sample of all stores there are.
package final class SharedModels {
  private let found: [FoundStore]
  private let engine: () throws -> Engine
  private let isInterrupted: @Sendable () -> Bool
  private var known: [ModelTable.Shape: SharedModel] = [:]

  /// - Parameter found: every store of the fleet, those included that a run leaves out: which
  ///   stores are carried over first must not decide what all others are reduced by.
  package init(
    found: [FoundStore], engine: @escaping () throws -> Engine,
    isInterrupted: @escaping @Sendable () -> Bool
  ) {
    self.found = found
    self.engine = engine
    self.isInterrupted = isInterrupted
  }

  /// The model that is known already.
  package subscript(shape: ModelTable.Shape) -> SharedModel? { known[shape] }

  /// The model of a shape: the database's, or one that is fitted now and kept in memory only.
  package func model(_ shape: ModelTable.Shape, in table: ModelTable?) throws -> SharedModel {
    if let model = known[shape] { return model }
    let model = try table.flatMap { try Self.stored(shape, in: $0) } ?? fit(shape)
    known[shape] = model
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
      id: nil, projection: try fitter.finish(), population: sample.population)
  }

  /// Commits a fitted model in a transaction of its own, before any store that refers to it.
  ///
  /// Of two runs that fit at the same time one commits first, and the other takes that one's.
  package func commit(_ shape: ModelTable.Shape, on connection: Connection, run: RunID) throws {
    guard let model = known[shape], model.id == nil else { return }
    let table = ModelTable(connection: connection)
    known[shape] = try connection.transaction {
      try connection.query("SELECT pg_advisory_xact_lock(\(AdvisoryLock.schema))")
      if let other = try Self.stored(shape, in: table) { return other }
      var committed = model
      committed.id = try table.insert(
        model.projection, owner: nil, run: run, population: model.population)
      return committed
    }
  }
}
