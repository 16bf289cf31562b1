internal import Ledger
package import Postgres
package import Stores
internal import VectorMath

/// The models that a database holds, for listing, showing and exporting.
package struct ModelCatalogue {
  let connection: Connection

  /// Checks the ledger; refuses a schema that is absent or of another version.
  package init(_ connection: Connection) throws {
    try LedgerAccess.check(connection)
    self.connection = connection
  }

  /// Returns all models: those of stores ordered by the stores' names, then those that no store
  /// uses.
  package func models() throws -> [StoredModel] {
    try read("")
  }

  /// Returns the model with this name; where several tables hold the store, the usual table comes
  /// first.
  package func model(_ name: ModelName) throws -> StoredModel {
    switch name {
    case .number(let id):
      guard let model = try read("WHERE p.id = \(id)").first else {
        throw Failure(
          .preflight, "there is no model \(id)",
          remedy: "list all models with: vector-ferry projection list")
      }
      return model
    case .store(let store):
      let id: Int? = try connection.scalar(
        ModelQueries.ofStore(user: store.user, collection: store.collection))
      guard let id, let model = try read("WHERE p.id = \(id)").first else {
        throw Failure(
          .preflight,
          "\(store) has no model: the store was not migrated, or its vectors were not reduced",
          remedy: "list the stores that have a model with: vector-ferry projection list")
      }
      return model
    }
  }

  /// Loads a model with its components, and with its measurement on `store`, or on the first store
  /// of a model that is not shared.
  package func load(_ model: StoredModel, for store: StoreName? = nil) throws -> FittedModel {
    let use = model.uses.first { $0.store == store } ?? (model.isShared ? nil : model.uses.first)
    return FittedModel(
      projection: try ModelTable(connection: connection).projection(model.id),
      measurement: use?.measurement ?? ModelMeasurement(.unmeasured))
  }

  private func read(_ condition: SQL) throws -> [StoredModel] {
    let uses = try uses()
    let rows = try connection.query(ModelQueries.models(condition: condition))
    let models = try rows.map { (row) throws(PostgresError) in
      try Self.model(rows, row, uses)
    }
    return models.sorted { one, other in
      switch (one.uses.first?.store, other.uses.first?.store) {
      case (let one?, let other?): one < other
      case (.some, nil): true
      case (nil, .some): false
      case (nil, nil): one.id < other.id
      }
    }
  }

  private static func model(_ rows: QueryResult, _ row: Int, _ uses: [Int: [StoredModel.Use]])
    throws(PostgresError) -> StoredModel
  {
    let id: Int = try rows.value(row, 0)
    let name: String = try rows.value(row, 2)
    guard let kind = Projection.Kind(rawValue: name) else {
      throw .unexpected(operation: "SELECT", what: "a model of kind \(name)")
    }
    let total: Double = try rows.value(row, 9)
    let kept = try rows.optional(row, 10, as: Double.self) ?? 0
    return StoredModel(
      id: id, isShared: try rows.value(row, 1), kind: kind,
      inputDimensions: try rows.value(row, 3), outputDimensions: try rows.value(row, 4),
      rank: try rows.value(row, 5), fittedRows: try rows.value(row, 6),
      population: try rows.value(row, 7), isExact: try rows.value(row, 8),
      capturedEnergy: kind == .truncated ? nil : total > 0 ? min(1, kept / total) : 1,
      fittedAt: try rows.value(row, 11), run: try rows.optional(row, 12),
      uses: uses[id] ?? [])
  }

  /// Reads the stores that use each model, ordered by name.
  private func uses() throws -> [Int: [StoredModel.Use]] {
    let rows = try connection.query(ModelQueries.uses)
    let uses = try rows.map { (row) throws(PostgresError) -> (Int, StoredModel.Use) in
      var measurement: ModelMeasurement?
      if let recall = try rows.optional(row, 5, as: Double.self) {
        let fidelity = Fidelity(
          recall: recall, neighbours: 10,
          largestScoreChange: try rows.value(row, 6), queries: try rows.value(row, 7),
          cutRecall: try rows.optional(row, 9), addedRecall: try rows.optional(row, 10),
          doubledRecall: try rows.optional(row, 11))
        measurement = ModelMeasurement(
          fidelity, keepsOriginals: try rows.value(row, 8),
          rerankedRecall: try rows.optional(row, 12))
      }
      let use = StoredModel.Use(
        store: StoreName(user: try rows.value(row, 1), collection: try rows.value(row, 2)),
        table: try rows.value(row, 3), documents: try rows.value(row, 4),
        measurement: measurement,
        keepsOriginals: try rows.value(row, 8))
      return (try rows.value(row, 0), use)
    }
    return Dictionary(grouping: uses, by: \.0).mapValues { group in
      group.map(\.1).sorted { ($0.store, $0.table) < ($1.store, $1.table) }
    }
  }
}
