internal import Models
internal import Ledger
internal import Postgres
internal import VectorMath

extension StoreLoad {
  /// Ties the store to its model, which it writes in the store's own transaction unless it is
  /// shared.
  func save(_ model: StoreModel, store: Int) throws {
    let projection = model.fitted.projection
    let id =
      try model.shared
      ?? ModelTable(connection: connection).insert(
        projection, owner: store, run: run, population: projection.fittedRows)
    let fidelity = model.fitted.fidelity
    try connection.query(
      """
      UPDATE vector_ferry.stores
      SET projection_id = \(id), recall = \(fidelity.recall),
          score_change = \(fidelity.largestScoreChange), queries = \(fidelity.queries)
      WHERE id = \(store)
      """)
  }

  /// The projection that the store's rows were reduced by so far; nil where there was none.
  func previousProjection(_ previous: LedgerEntry?) throws -> Projection? {
    let models = ModelTable(connection: connection)
    return try previous.flatMap { try models.model(ofStore: $0.id) }.map(models.projection)
  }

  /// Puts what the application added to the store into the coordinates of its new model.
  func carryAdded(from old: Projection?, store: Int, leavesPairs: Bool = false) throws {
    guard let new = model?.fitted.projection, let old, old != new else { return }
    let added = AddedDocuments(
      connection: connection, table: table, name: planned.name, store: store,
      leavesPairs: leavesPairs)
    let count = try added.carry(from: old, to: new)
    if count > 0 { carriedAdded(count) }
  }
}
