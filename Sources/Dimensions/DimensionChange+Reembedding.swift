internal import Ledger
internal import Embedding
internal import Postgres
internal import OwnSchema

extension DimensionChange {
  /// Begins a change whose vectors are made of texts; whatever stands against it is said with
  /// nothing touched, and before the service is asked for a word.
  func beginReembedding(_ column: VectorColumn, _ embedder: Embedder) throws -> ChangeRecord {
    let text = try texts(of: column)
    let target = try dimensions(of: embedder, wanted: options.target)
    try check(column, to: target)
    if try records.all().contains(where: { isOf(column, $0) && $0.from == target }) {
      observe(.servedBefore(dimensions: target))
    }
    try tellStores(of: column)
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

  /// The column of texts, where nothing stands against their being embedded that can be seen
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

  /// How many dimensions the model's vectors have; it is asked for a word of no meaning.
  private func dimensions(of embedder: Embedder, wanted: Int?) throws -> Int {
    let made = try embedder.dimensions()
    guard let wanted, made != wanted else { return made }
    throw Failure(
      .preflight,
      "\(embedder.settings.model) makes vectors of \(made) dimensions, the column is to have "
        + "\(wanted)",
      remedy:
        "name a model of \(wanted) dimensions, give --embedding-dimensions \(wanted) where it "
        + "can make them, or leave --to out")
  }

  // MARK: Going on

  /// Refuses to go on with a change by other means than it has begun with: vectors of two models
  /// would stand side by side.
  func refuseOtherWay(_ change: ChangeRecord) throws(Failure) {
    let goOn = "or take it back (dimensions undo)"
    guard let model = change.model else {
      guard embedder != nil else { return }
      throw Failure(
        .preflight,
        "the change of \(change.table).\(change.column) that has begun is by "
          + "\(change.projection == nil ? "zeros" : "a projection")",
        remedy: change.state == .swapped
          ? "finish it first (dimensions finish), \(goOn)" : "go on without --reembed, \(goOn)")
    }
    guard change.state == .filling || embedder != nil else { return }
    let way = "dimensions change --reembed --provider \(model.provider) --model \(model.name)"
    guard let settings = embedder?.settings else {
      throw Failure(
        .preflight,
        "the change of \(change.table).\(change.column) that has begun embeds the texts anew",
        remedy: "go on with: \(way), \(goOn)")
    }
    let version = options.modelVersion ?? model.version
    guard settings.provider.rawValue == model.provider, settings.model == model.name,
      version == model.version
    else {
      throw Failure(
        .preflight,
        "the change of \(change.table).\(change.column) that has begun is by the model \(model.name) "
          + "(\(model.provider), \(model.version)), not by \(settings.model) "
          + "(\(settings.provider.rawValue), \(version))",
        remedy: change.state == .swapped
          ? "finish it first (dimensions finish), \(goOn)" : "go on with: \(way), \(goOn)")
    }
    if let named = options.textColumn?.name, named != model.textColumn {
      throw Failure(
        .preflight,
        "the change that has begun takes texts of column \(model.textColumn), "
          + "not of \(named)", remedy: "leave --text-column out, \(goOn)")
    }
  }

  /// The service of a change that goes on, which must still make what it has made before.
  func embedder(for change: ChangeRecord) throws -> Embedder {
    guard let embedder else {
      throw Failure(
        .preflight, "nobody is named who embeds the texts", remedy: "give --reembed")
    }
    _ = try dimensions(of: embedder, wanted: change.to)
    return embedder
  }

  /// Refuses to go on where a text that has its vector would get another one now.
  ///
  /// A name says little about who answers to it: the address, or what is installed there, may be
  /// another one than that of the run before. A vector from the cache is one of that address.
  func refuseOtherVectors(_ change: ChangeRecord, _ text: TextColumn, _ embedder: Embedder) throws {
    let column = text.column
    let target = column.companion(change.to)
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
      """
      SELECT t.\(target) OPERATOR(\(schema).<=>)
        \(VectorValue(made))::\(QualifiedName(schema: schema, "vector"))
      FROM \(column.sql) t
      WHERE t.\(column.key) = \(key)::text::\(SQL(script: column.keyType))
        AND t.\(text.name)::text COLLATE "C" = \(sample)
      """)
    guard let distance, distance > Self.largestDistance else { return }
    throw Failure(
      .preflight,
      "\(embedder.settings.provider.title) at \(embedder.settings.destination) makes another vector "
        + "of the text of row \(key) than the one that is there: another model answers to the name "
        + "\(embedder.settings.model)",
      remedy: "name the address that the change has begun with (OPENAI_BASE_URL, OLLAMA_HOST), or "
        + "take it back (dimensions undo)")
  }

  /// Services do not make the same vector to the last bit each time; this is far beyond that.
  private static let largestDistance = 0.01

  /// What has stopped the service in the middle; what is done stays done.
  static func broken(_ error: EmbeddingError) -> Failure {
    guard error.kind != .interrupted else {
      return Failure(.interrupted, "interrupted: run again to go on")
    }
    let remedy = error.remedy.map { "\($0); " } ?? ""
    return Failure(.database, error.problem, remedy: "\(remedy)run again to go on from here")
  }

  // MARK: The preview

  /// Looks at everything that a run would, and begins nothing; no text is sent.
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
        ? try text.survey(waitingFor: column.companion(open?.to ?? 0), on: connection) : nil
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

/// What a change would do.
package struct ChangePreview: Sendable, Equatable {
  /// The table with its schema.
  package let table: String
  /// The column.
  package let column: String
  /// Dimensions before.
  package let from: Int
  /// Dimensions after; nil where the embedding model decides.
  package let to: Int?
  /// How far it has come; nil where it has not begun.
  package let state: ChangeRecord.State?
  /// The texts that would be sent; nil where none would.
  package let texts: TextSurvey?
}
