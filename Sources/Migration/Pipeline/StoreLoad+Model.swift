internal import Files
internal import Models
internal import Ledger
internal import Postgres
internal import VectorMath

extension StoreLoad {
  /// Assigns the model to the store; a model that is not shared is written in the store's
  /// transaction.
  func save(_ model: StoreModel, store: Int) throws {
    let projection = model.fitted.projection
    let id =
      try model.shared
      ?? ModelTable(connection: connection).insert(
        projection, owner: store, run: run, population: projection.fittedRows)
    let fidelity = model.fitted.fidelity
    try connection.query(
      StoreLoadQueries.noteModel(
        model: id, recall: fidelity.recall, scoreChange: fidelity.largestScoreChange,
        queries: fidelity.queries, cutRecall: fidelity.cutRecall,
        addedRecall: fidelity.addedRecall, store: store))
  }

  /// Returns the projection that has reduced the store's rows so far; nil where there was none.
  func previousProjection(_ previous: LedgerEntry?) throws -> Projection? {
    let models = ModelTable(connection: connection)
    return try previous.flatMap { try models.model(ofStore: $0.id) }.map(models.projection)
  }

  /// Converts the vectors that the application added to the store to its new model.
  ///
  /// - Parameter dimensions: the dimension of the files' vectors; nil where there are none.
  func convertAdded(
    from old: Projection?, store: Int, dimensions: Int? = nil, leavesPairs: Bool = false
  ) throws {
    let new = model?.fitted.projection
    guard let old, old != new else { return }
    let added = AddedDocuments(
      connection: connection, table: table, name: planned.name, store: store,
      leavesPairs: leavesPairs)
    guard let new, new.inputDimensions == old.inputDimensions else {
      if let dimensions,
        let refusal = Failure(
          added: try added.count(), reducedFrom: old.inputDimensions, to: dimensions)
      {
        throw refusal
      }
      return
    }
    let count = try added.convert(
      from: old, to: new, with: Engine(isStopped: { StopRequest.isMade }))
    if count > 0 { reportConverted(count) }
  }
}
