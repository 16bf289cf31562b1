internal import Doctor
internal import Dimensions
internal import Files
package import Machine
package import Models
internal import Ledger
package import Postgres
internal import Layouts
internal import OwnSchema
internal import StoreEmbedding
package import Stores
internal import Unlisted
internal import VectorMath

/// Fits a store's model again and rewrites the store's rows with the new model, in one transaction.
package struct Refit {
  /// The source from which unreduced vectors are read.
  package enum Origin: String, Sendable {
    /// The store's files.
    case source
    /// The copy of the store's files that was made when the store was migrated.
    case backup
    /// The originals that were kept in the database.
    case originals
  }

  /// The operator's choices for a refit.
  package struct Options: Sendable {
    /// The store whose model is fitted again.
    package var store: StoreName
    /// The origin of the vectors; nil for the first origin that is available.
    package var origin: Origin?
    /// The folder that contains a folder for each user.
    package var userDataDirectory = "user_data"
    /// The folder of backups.
    package var backupDirectory = "migration_backup"
    /// The table of the store's rows.
    package var table = QualifiedName("vector_documents")
    /// The smallest measured recall@10 with which the model is replaced.
    package var minimumRecall = 0.95
    /// True where rows are rewritten even if they were edited in the database.
    package var force = false
    /// The tables whose rows may be deleted or changed together with documents.
    package var allowedLosses: [String] = []

    /// Creates the default choices for a store.
    package init(store: StoreName) { self.store = store }
  }

  /// The result of a refit.
  package struct Outcome: Sendable {
    /// The id of the run in the ledger.
    package let run: RunID
    /// The source from which vectors were read.
    package let origin: Origin
    /// The new model.
    package let model: FittedModel
    /// The recall measured with the old model; nil where it was not measured.
    package let previousRecall: Double?
    /// The number of documents that were written or rewritten.
    package let documents: Int
    /// The number of documents of the application that were converted to the new model.
    package let added: Int
    /// The number of added documents without a kept original: their full vectors are not known, and
    /// nothing was measured with them.
    package let addedWithoutOriginal: Int
    /// True where the new model has exactly the numbers of the old one.
    package let isSameModel: Bool
  }

  let options: Options
  let connection: Connection
  /// Called with the run and the name of its table when the run begins, after everything that can
  /// refuse the run without reading vectors.
  package var whenBeginning: (RunID, QualifiedName) -> Void = { _, _ in }
  private let keys: KeyRing
  private let hooks: StageHooks
  private let isInterrupted: @Sendable () -> Bool

  /// Prepares a refit.
  package init(
    _ options: Options, keys: KeyRing, connection: Connection,
    environment: [String: String] = [:], isInterrupted: @escaping @Sendable () -> Bool = { false }
  ) {
    self.options = options
    self.keys = keys
    self.connection = connection
    self.isInterrupted = isInterrupted
    hooks = StageHooks(environment: environment, isInterrupted: isInterrupted)
  }

  /// Carries out the refit; the store is unchanged where this function throws.
  package func run() throws -> Outcome {
    let state = try DatabaseState.read(connection, table: options.table)
    guard let table = state.table, state.schemaVersion > 0 else { throw notMigrated }
    if let reembedded = state.reembedded { throw reembedded.refusal }
    try FerrySchema.install(for: table.catalogueName, on: connection)
    let known = try KnownStore(options.store, in: table, on: connection)
    guard let known else { throw notMigrated }
    guard known.kind != .truncated else {
      throw Failure(
        .preflight,
        "the vectors of \(options.store) were cut, not projected: there is no model to fit again",
        remedy: "migrate the store again with another --reduce")
    }
    let origin = try chooseOrigin(known)
    let run = RunID()
    try RunRow.register(run, on: connection)
    defer { RunRow.finish(run, on: connection) }
    whenBeginning(run, table.name)
    switch origin {
    case .files(let files, let name): return try refit(known, from: files, name, table, run)
    case .originals: return try refitFromOriginals(known, table, run)
    }
  }

  private var notMigrated: Failure {
    Failure(
      .preflight, "\(options.store) has no model in table \(options.table)",
      remedy: "list the stores that have a model with: vector-ferry projection list")
  }

  private func refit(
    _ known: KnownStore, from files: StoreFiles, _ origin: Origin, _ table: VectorTable,
    _ run: RunID
  ) throws -> Outcome {
    let reader = try StoreReader(
      directory: files.directory, store: files.store, keys: keys, options: known.settings.reading,
      vectors: try known.settings.textVectors(
        dimensions: known.sourceDimensions, directory: options.backupDirectory))
    guard reader.dimensions == known.sourceDimensions else {
      throw Failure(
        .source,
        "the store's vectors have \(reader.dimensions) dimensions now, the store's model takes "
          + "\(known.sourceDimensions)", remedy: "run: vector-ferry migrate")
    }
    let engine = try Engine(isStopped: { StopRequest.isMade })
    let added = AddedDocuments(
      connection: connection, table: table, name: options.store, store: known.id)
    let models = ModelTable(connection: connection)
    let old = try models.model(ofStore: known.id).map(models.projection)
    let addedRows = try AddedRows(
      added, dimensions: reader.dimensions, reducedBy: old, beside: reader.documentCount,
      target: table.dimensions, engine: engine)
    let rows = JoinedRows(sources: [
      StoreRows(reader: reader, isInterrupted: isInterrupted), addedRows.originals,
    ])
    let model = try ModelFit(
      engine: engine, originals: known.keepsOriginals ? .always : .never
    ).fit(
      rows, beside: addedRows.remains, kind: known.kind, target: table.dimensions)
    try model.check(minimumRecall: options.minimumRecall)
    var carried = 0
    var load = storeLoad(known, table, run, found: files.store)
    load.model = StoreModel(fitted: model, shared: nil)
    load.keepsRun = files.expected == known.sourceDigest
    load.reducer = Reducer(projection: model.projection, engine: engine)
    load.checkSource = {
      guard try files.digest() == files.expected else {
        throw Failure(
          .source, "the store changed while it was read",
          remedy: "stop the application that writes to the store")
      }
    }
    load.reportConverted = { carried = $0 }
    let outcome = try load.run(reader, digest: files.expected) { _ in }
    guard case .written(let documents, _, _) = outcome else { throw notMigrated }
    return Outcome(
      run: run, origin: origin, model: model, previousRecall: known.recall,
      documents: documents, added: carried, addedWithoutOriginal: addedRows.withoutOriginal,
      isSameModel: model.projection == old)
  }

  private func refitFromOriginals(_ known: KnownStore, _ table: VectorTable, _ run: RunID) throws
    -> Outcome
  {
    let found = FoundStore(
      name: options.store, root: "", path: known.sourcePath, format: .simple, files: [],
      state: .complete)
    var carried = 0
    var load = storeLoad(known, table, run, found: found)
    load.reportConverted = { carried = $0 }
    let rewritten = try load.rewriteFromOriginals(
      kind: known.kind, dimensions: known.sourceDimensions,
      engine: Engine(isStopped: { StopRequest.isMade }),
      minimumRecall: options.minimumRecall)
    return Outcome(
      run: run, origin: .originals, model: rewritten.model, previousRecall: known.recall,
      documents: rewritten.documents, added: carried,
      addedWithoutOriginal: rewritten.withoutOriginal, isSameModel: rewritten.isSameModel)
  }

  private func storeLoad(
    _ known: KnownStore, _ table: VectorTable, _ run: RunID, found: FoundStore
  ) -> StoreLoad {
    StoreLoad(
      connection: connection, table: table,
      planned: PlannedStore(
        store: found, action: .replace(previousDocuments: 0), contents: nil, reduction: nil,
        sourceDigest: nil),
      model: nil, reducer: Reducer(.none), settings: known.settings.unshared, force: options.force,
      repeats: true, keepsOriginals: known.keepsOriginals, run: run, hooks: hooks,
      checkSource: {}, unlisted: .stop, allowedLosses: options.allowedLosses,
      isInterrupted: isInterrupted)
  }
}
