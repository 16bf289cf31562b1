package import Backups
package import Layouts
package import Ledger
package import Machine
internal import Models
package import Postgres
internal import StoreEmbedding
package import Stores
internal import Unlisted
package import VectorMath

/// The state that a store had before a run, read from the backup of the earlier run that wrote it.
package struct PreviousState {
  let replacement: Replacement
  let copy: CopyFinder.Copy
  let keys: KeyRing
  /// The directory of the cache of embeddings.
  let cacheDirectory: String
  let engine: () throws -> Engine
  let hooks: StageHooks
  let isInterrupted: @Sendable () -> Bool
  /// The tables whose rows may be deleted or changed with documents, as the operator has named
  /// them.
  let allowedLosses: [String]

  /// Creates the description of a state, with everything that is needed to restore it.
  package init(
    replacement: Replacement, copy: CopyFinder.Copy, keys: KeyRing, cacheDirectory: String,
    engine: @escaping () throws -> Engine, hooks: StageHooks,
    isInterrupted: @escaping @Sendable () -> Bool, allowedLosses: [String]
  ) {
    self.replacement = replacement
    self.copy = copy
    self.keys = keys
    self.cacheDirectory = cacheDirectory
    self.engine = engine
    self.hooks = hooks
    self.isInterrupted = isInterrupted
    self.allowedLosses = allowedLosses
  }

  /// The result of a restoration.
  package struct Restored {
    /// The number of documents that the earlier state has.
    package var documents = 0
    /// The number of deleted rows.
    package var removed = 0
    /// The rows of other tables that were deleted or changed together with documents.
    package var losses: [ReferringRows] = []
  }

  /// The two steps of a restoration, in one open transaction.
  package struct Restoration {
    /// Prepares the documents that the application has added to a store, while the ledger still
    /// lists that store.
    ///
    /// Returns the number of documents that were converted to the earlier model, and the number of
    /// those that could not be converted.
    package let prepareAdded: (_ store: Int, VectorTable) throws -> (converted: Int, left: Int)
    /// Loads the earlier state in place of the rows that a run has written; other rows stay.
    package let load: (VectorTable, OwnRows, StoreLoad.RowsBeside) throws -> Restored
  }

  /// Opens the copy and fits its projection; the returned functions restore the state in the open
  /// transaction.
  package func prepare(dimensions: Int, run: RunID, on connection: Connection) throws
    -> Restoration
  {
    let store = copy.store.asFound()
    let reader = try StoreReader(
      in: copy.backup.open(copy.store), store: store, keys: keys,
      options: replacement.settings.reading,
      vectors: try replacement.settings.textVectors(
        dimensions: nil, directory: cacheDirectory))
    let reduction = try reduction(from: reader.dimensions, to: dimensions)
    var model: FittedModel?
    if case .project(let kind, _, let target) = reduction {
      model = try ModelFit(engine: try engine())
        .fit(
          StoreRows(reader: reader, isInterrupted: isInterrupted), kind: kind, target: target)
    }
    let reducer =
      try model.map { Reducer(projection: $0.projection, engine: try engine()) }
      ?? Reducer(reduction)
    let planned = PlannedStore(
      store: store, action: .insert, contents: nil, reduction: reduction,
      sourceDigest: replacement.sourceDigest)
    func load(
      _ table: VectorTable, reportLosses: @escaping ([ReferringRows]) -> Void = { _ in }
    ) -> StoreLoad {
      StoreLoad(
        connection: connection, table: table, planned: planned,
        model: model.map { StoreModel(fitted: $0, shared: nil) }, reducer: reducer,
        settings: replacement.settings.unshared, force: false,
        keepsOriginals: replacement.settings.keepsOriginals, run: run, hooks: hooks,
        checkSource: {}, allowedLosses: allowedLosses, reportLosses: reportLosses,
        isInterrupted: isInterrupted)
    }
    return Restoration { store, table in
      try load(table).takeAdded(fromStore: store)
    } load: { table, own, beside in
      var restored = Restored()
      var beside = beside
      let load = load(table) { restored.losses = $0 }
      let left = try beside.adoption?.follow(reader, store: nil, isInterrupted: isInterrupted) ?? []
      beside.alongside? += left.map { .init(id: $0, text: nil, own: nil) }
      let references = ReferenceGuard(of: table, allowed: allowedLosses, on: connection)
      let state = try CollectionState(
        connection.query(CollectionState.question(about: planned.name, in: table)))
      let outcome = try load.write(
        reader, digest: replacement.sourceDigest, replacing: nil, own: own,
        references: references, beside: beside, state: state, progress: { _ in })
      try load.returnAddedOriginals()
      if case .written(let documents, _, let removed) = outcome {
        (restored.documents, restored.removed) = (documents, removed)
      }
      return restored
    }
  }

  /// Returns the way in which the earlier run gave the vectors the table's dimension.
  private func reduction(from source: Int, to target: Int) throws -> Reduction {
    guard source > 0 else { return .none }
    if let other = replacement.settings.unknownProjection {
      throw Failure(
        .backup, "the earlier state was reduced by \(other), which this program does not know")
    }
    let kind = replacement.settings.projection
    guard let reduction = Reduction(from: source, to: target, by: kind) else {
      throw Failure(
        .backup, "the earlier state had \(source) dimensions, the table takes \(target)")
    }
    return reduction
  }
}
