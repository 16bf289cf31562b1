internal import Ledger
internal import Embedding
internal import Postgres
internal import OwnSchema

extension DimensionChange {
  /// Begins a change whose new vectors are made from texts.
  ///
  /// Everything that would prevent the change is reported before anything is changed and, where
  /// possible, before the service is called.
  func beginReembedding(_ column: VectorColumn, _ embedder: Embedder) throws -> ChangeRecord {
    let text = try texts(of: column)
    let target = try dimensions(of: embedder, wanted: options.target)
    try check(column, to: target)
    if try records.all().contains(where: { isOf(column, $0) && $0.from == target }) {
      observe(.servedBefore(dimensions: target))
    }
    try reportListedStores(of: column)
    return try begin(column, to: target, recall: nil) {
      .reembedding(
        ChangeRecord.EmbeddingModel(
          provider: embedder.settings.provider.rawValue, name: embedder.settings.model,
          version: options.modelVersion ?? embedder.settings.modelVersion,
          textColumn: text.name.name))
    }
  }

  private func isOf(_ column: VectorColumn, _ change: ChangeRecord) -> Bool {
    change.table == column.table && change.column == column.name.name && change.state != .undone
  }

  /// Returns the column of texts; throws where something prevents the change that can be found
  /// without the service.
  private func texts(of column: VectorColumn) throws -> TextColumn {
    let text = try TextColumn(options.textColumn ?? "text", of: column, on: connection)
    if let target = options.target {
      try check(column, to: target)
    } else {
      try refuseObstacles(column)
    }
    try text.refuseEmpty(on: connection)
    return text
  }

  /// Finds the dimension of the model's vectors by embedding one word; throws where it is not
  /// `wanted`.
  ///
  /// - Parameter wanted: the required dimension; nil accepts any dimension.
  private func dimensions(of embedder: Embedder, wanted: Int?) throws -> Int {
    let made = try embedder.dimensions()
    guard let wanted, made != wanted else { return made }
    throw Failure(
      .preflight,
      "\(embedder.settings.model) makes vectors of \(made) dimensions, the column is to have "
        + "\(wanted)",
      remedy:
        "name a model of \(wanted) dimensions, give --embedding-dimensions \(wanted) if the model "
        + "can make such vectors, or leave --to out")
  }

  // MARK: Going on

  /// Throws where an open change was begun in another way, because the column would then mix
  /// vectors of two models.
  func refuseOtherWay(_ change: ChangeRecord) throws(Failure) {
    let goOn = "or undo the change (dimensions undo)"
    guard let model = change.model else {
      guard embedder != nil else { return }
      throw Failure(
        .preflight,
        "the change of \(change.table).\(change.column) that has begun "
          + (change.projection == nil
            ? "extends the vectors by zeros" : "projects the vectors with a model"),
        remedy: change.state == .swapped
          ? "finish the change first (dimensions finish), \(goOn)"
          : "continue without --reembed, \(goOn)")
    }
    guard change.state == .filling || embedder != nil else { return }
    let way = "dimensions change --reembed --provider \(model.provider) --model \(model.name)"
    guard let settings = embedder?.settings else {
      throw Failure(
        .preflight,
        "the change of \(change.table).\(change.column) that has begun embeds the texts again",
        remedy: "continue with: \(way), \(goOn)")
    }
    let version = options.modelVersion ?? model.version
    guard settings.provider.rawValue == model.provider, settings.model == model.name,
      version == model.version
    else {
      throw Failure(
        .preflight,
        "the change of \(change.table).\(change.column) that has begun uses the model "
          + "\(model.name) (\(model.provider), \(model.version)), not \(settings.model) "
          + "(\(settings.provider.rawValue), \(version))",
        remedy: change.state == .swapped
          ? "finish the change first (dimensions finish), \(goOn)"
          : "continue with: \(way), \(goOn)")
    }
    if let named = options.textColumn?.name, named != model.textColumn {
      throw Failure(
        .preflight,
        "the change that has begun takes texts of column \(model.textColumn), "
          + "not of \(named)", remedy: "leave --text-column out, \(goOn)")
    }
  }

  /// Returns the service for an open change; throws where its vectors no longer have the dimension
  /// of the change.
  func embedder(for change: ChangeRecord) throws -> Embedder {
    guard let embedder else {
      throw Failure(
        .preflight, "no embedding service is named", remedy: "give --reembed")
    }
    _ = try dimensions(of: embedder, wanted: change.to)
    return embedder
  }

  /// Throws where the service makes another vector of a text than the one that an earlier run has
  /// stored.
  ///
  /// The same name does not mean the same model: the address, or the model at that address, may
  /// have changed since the earlier run. The cache keeps the vectors of each address apart.
  func refuseOtherVectors(_ change: ChangeRecord, _ text: TextColumn, _ embedder: Embedder) throws {
    let column = text.column
    let target = column.otherColumn(change.to)
    let done = try connection.query(
      """
      SELECT t.\(column.key)::text, t.\(text.name)::text FROM \(column.sql) t
      WHERE t.\(target) IS NOT NULL AND t.\(text.name) IS NOT NULL LIMIT 1
      """)
    guard done.rowCount == 1 else { return }
    let key: String = try done.value(0, 0)
    let sample: String = try done.value(0, 1)
    guard case .vector(let made) = try embedder.embed([LabelledText("row \(key)", sample)])[0]
    else { return }
    let schema = try FerrySchema.vectorSchema(on: connection)
    let distance: Double? = try connection.scalar(
      ChangeQueries.distance(
        target: target, schema: schema, made: VectorValue(made),
        type: QualifiedName(schema: schema, "vector"), table: column.sql, key: column.key, row: key,
        keyType: SQL(script: column.keyType), text: text.name, sample: sample))
    guard let distance, distance > Self.largestDistance else { return }
    throw Failure(
      .preflight,
      "\(embedder.settings.provider.title) at \(embedder.settings.destination) makes another "
        + "vector of the text of row \(key) than the stored one: another model has the name "
        + "\(embedder.settings.model)",
      remedy:
        "name the address that the change has begun with (OPENAI_BASE_URL, OLLAMA_HOST), or undo "
        + "the change (dimensions undo)"
    )
  }

  /// The largest cosine distance at which two vectors count as the same; a service does not return
  /// exactly the same vector each time, but the differences are far smaller.
  private static let largestDistance = 0.01

  /// Returns the failure for an error of the embedding service; the work that is done is kept.
  static func broken(_ error: EmbeddingError) -> Failure {
    guard error.kind != .interrupted else {
      return Failure(.interrupted, "interrupted: run again to continue")
    }
    let remedy = error.remedy.map { "\($0); " } ?? ""
    return Failure(.database, error.problem, remedy: "\(remedy)run again to continue from here")
  }

  // MARK: The preview

  /// Returns what a run would do, after all checks that need no service; changes nothing and sends
  /// no text.
  package func preview() throws -> ChangePreview {
    try session.prepare()
    let column = try VectorColumn(options.table, column: options.column, on: connection)
    try refuseMissingRights(column)
    let open = try records.open(column)
    if let open {
      try refuseOtherTarget(open)
      try refuseOtherWay(open)
    }
    var texts: TextSurvey?
    if let model = open?.model {
      let text = try TextColumn(Identifier(model.textColumn), of: column, on: connection)
      let isFilling = open?.state == .filling
      texts =
        isFilling
        ? try text.survey(waitingFor: column.otherColumn(open?.to ?? 0), on: connection) : nil
    } else if embedder != nil {
      texts = try self.texts(of: column).survey(waitingFor: nil, on: connection)
    } else if open == nil {
      let target = try target(for: column)
      try check(column, to: target)
      _ = try fit(column, target: target)
    }
    return ChangePreview(
      table: column.table, column: column.name.name, from: open?.from ?? column.dimensions,
      to: open?.to ?? options.target, state: open?.state, texts: texts)
  }
}

/// The preview of a dimension change.
package struct ChangePreview: Sendable, Equatable {
  /// The full name of the table whose column would change.
  package let table: String
  /// The column whose dimension would change.
  package let column: String
  /// The dimension before the change.
  package let from: Int
  /// The dimension after the change; nil where only the embedding model determines it.
  package let to: Int?
  /// The state of the open change that a run would continue; nil where it would begin one.
  package let state: ChangeRecord.State?
  /// The number and size of the texts that would be sent; nil where no text would be sent.
  package let texts: TextSurvey?
}
