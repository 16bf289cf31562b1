internal import Files
internal import Models
internal import Ledger
internal import Postgres
internal import Unlisted
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
    try note(model.fitted.measurement, of: id, store: store)
  }

  private func note(_ measurement: ModelMeasurement, of model: Int, store: Int) throws {
    let fidelity = measurement.fidelity
    try connection.query(
      StoreLoadQueries.noteModel(
        model: model, recall: fidelity.recall, scoreChange: fidelity.largestScoreChange,
        queries: fidelity.queries, cutRecall: fidelity.cutRecall,
        addedRecall: fidelity.addedRecall, doubledRecall: fidelity.doubledRecall,
        rerankedRecall: measurement.rerankedRecall, store: store))
  }

  /// Reports and records the measurement of the model that was made while the store was loaded;
  /// throws where the store must not be committed with this model.
  func finishMeasurement(store: Int) throws {
    guard let measured = try model?.measurement?.finish() else { return }
    try reportMeasured(measured)
    guard let id = try ModelTable(connection: connection).model(ofStore: store) else {
      throw PostgresError.unexpected(operation: "SELECT", what: "no model of the store")
    }
    try note(measured.measurement, of: id, store: store)
  }

  /// Returns the projection that has reduced the store's rows so far; nil where no projection has
  /// reduced them.
  func previousProjection(_ previous: LedgerEntry?) throws -> Projection? {
    let models = ModelTable(connection: connection)
    return try previous.flatMap { try models.model(ofStore: $0.id) }.map(models.projection)
  }

  /// Converts the documents that the application has added to the store, so that their vectors fit
  /// the store's new model.
  ///
  /// - Parameter dimensions: the dimension of the files' vectors; nil where the files hold no
  ///   vectors, or are not read.
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
