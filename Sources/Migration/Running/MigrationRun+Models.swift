internal import Backups
internal import Models
internal import Postgres
internal import Stores
internal import VectorMath

extension MigrationRun {
  /// Finds or fits the models that the plan's stores share, and commits new ones before any store.
  func prepareSharedModels(_ plan: MigrationPlan, found: [FoundStore], session: LiveSession) throws
    -> SharedModels
  {
    let models = SharedModels(found: found, engine: mathEngine, isInterrupted: isInterrupted)
    for store in plan.toMigrate where options.reduction.usesSharedModel(store.reduction) {
      guard let shape = ModelTable.Shape(store.reduction), models[shape] == nil else { continue }
      let table = ModelTable(connection: session.connection)
      let model = try models.model(shape, in: table)
      try models.commit(shape, on: session.connection, run: session.run)
      var place: String?
      if model.id == nil, let folder = session.prepared.models {
        place = try FittedModel(projection: model.projection, fidelity: .unmeasured)
          .write(sharedFrom: shape.source, to: shape.target, in: folder)
      }
      observe(
        .sharedModelReady(
          model.projection, population: model.id == nil ? model.population : nil, savedTo: place))
    }
    return models
  }

  /// Returns the model of a store whose vectors are reduced: fitted to the store, or shared; nil
  /// where they are not reduced.
  ///
  /// The model of a large store is measured while the store is loaded, unless the recall among a
  /// sample of its rows is below the operator's minimum: then the model is measured first.
  ///
  /// - Parameter keepsOriginals: true where an earlier load of the store has found that originals
  ///   have to be kept; nil where there was no such load.
  func prepareModel(
    of store: PlannedStore, reader: StoreReader, session: LiveSession, keptOriginals: Bool,
    keepsOriginals: Bool?
  ) throws -> StoreModel? {
    guard case .project(let kind, let source, let target) = store.reduction else { return nil }
    let rows = StoreRows(reader: reader, isInterrupted: isInterrupted)
    let isMeasuredLater = rows.count >= LoadMeasurement.smallestStore
    let fit = ModelFit(
      engine: try mathEngine(),
      originals: try options.originals.resolved(
        areStorable: session.prepared.canKeepOriginals, wereKept: keptOriginals),
      memory: RowMemory(
        bytes: options.memory * 1_000_000 / session.prepared.jobs, isForLoad: !isMeasuredLater))
    let shared = sharedModel(of: store, session: session)
    if let shared {
      observe(.sharedModelUsed(store, from: source, to: target))
      guard isMeasuredLater else {
        return StoreModel(
          fitted: try fit.measure(shared.projection, on: rows), shared: shared.id,
          reduced: fit.reduced)
      }
    } else {
      observe(.modelFitting(store, kind, from: source, to: target))
      guard isMeasuredLater else {
        return StoreModel(
          fitted: try fit.fit(rows, kind: kind, target: target), shared: nil, reduced: fit.reduced)
      }
    }
    let measurement =
      try shared.map {
        try fit.measureWithLoad(
          of: rows, $0.projection, keepsOriginals: keepsOriginals, isInterrupted: isInterrupted)
      }
      ?? fit.fitForLoad(
        of: rows, kind: kind, target: target, keepsOriginals: keepsOriginals,
        isInterrupted: isInterrupted)
    guard measurement.sampleRecall < options.reduction.minimumRecall else {
      return StoreModel(measurement, shared: shared?.id)
    }
    return StoreModel(fitted: try fit.measure(measurement, on: rows), shared: shared?.id)
  }

  private func sharedModel(of store: PlannedStore, session: LiveSession) -> SharedModel? {
    guard options.reduction.usesSharedModel(store.reduction) else { return nil }
    return ModelTable.Shape(store.reduction).flatMap { session.prepared.shared?[$0] }
  }

  /// Reports the measurement of a store's model, and saves the store's own model as a file beside
  /// the backup; throws where the model's recall is below the operator's minimum.
  func report(
    _ fitted: FittedModel, _ model: StoreModel, of store: PlannedStore, _ session: LiveSession
  ) throws {
    try fitted.check(minimumRecall: options.reduction.minimumRecall)
    var place: String?
    if model.shared == nil {
      place =
        try session.prepared.models.map { try fitted.write(for: store.name, in: $0) }
        ?? "vector_ferry.projections"
    }
    observe(.modelFitted(store, fitted, savedTo: place))
  }
}

extension ModelTable.Shape {
  /// Returns the properties of the model that a reduction needs; nil where the reduction needs no
  /// model.
  init?(_ reduction: Reduction?) {
    guard case .project(let kind, let source, let target) = reduction else { return nil }
    self.init(source: source, target: target, kind: kind)
  }
}
