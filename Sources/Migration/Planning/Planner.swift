internal import Backups
internal import Machine
internal import Models
internal import Ledger
internal import Bounds
internal import Embedding
internal import Postgres
internal import Layouts
internal import StoreEmbedding
internal import Stores
internal import Unlisted
internal import VectorMath

/// Plans a run by reading stores and database; writes to neither.
struct Planner {
  private let options: MigrationOptions
  private let keys: KeyRing
  private let database: DatabaseAnswers?
  private let isTaken: Bool
  private let engine: @Sendable () throws -> Engine
  private let quiet: QuietPeriod
  private let isInterrupted: @Sendable () -> Bool
  private let shared: SharedModels
  /// The dimension of the vectors that a service makes; nil where the vectors of the files are used.
  private let newDimensions: Int?

  /// Creates a planner; without a database every store counts as new.
  ///
  /// - Parameter isTaken: true where the table's name belongs to an object that cannot take
  ///   documents.
  init(
    options: MigrationOptions, keys: KeyRing, database: DatabaseAnswers?, isTaken: Bool,
    shared: SharedModels, newDimensions: Int?, quiet: QuietPeriod,
    engine: @escaping @Sendable () throws -> Engine,
    isInterrupted: @escaping @Sendable () -> Bool
  ) {
    self.shared = shared
    self.newDimensions = newDimensions
    self.quiet = quiet
    self.options = options
    self.keys = keys
    self.database = database
    self.isTaken = isTaken
    self.engine = engine
    self.isInterrupted = isInterrupted
  }

  /// Plans the selected stores of `found`; calls `step` with each store before reading it.
  ///
  /// A dry run reads every store completely. A live run reads the structure of vectors and all
  /// metadata here, and the vectors' values later, when it migrates the store.
  func plan(
    found: [FoundStore], selected: [FoundStore], step: (FoundStore) throws -> Void
  ) throws -> MigrationPlan {
    let target = try target(for: found)
    let plan = try self.plan(selected, target: target, step: step)
    // A store that was still being written when its dimension was read may have been complete when
    // it was planned: then the table's dimension is chosen again from what was read.
    let widest = plan.stores.compactMap { $0.contents?.dimensions }.max()
    let better = try self.target(for: found, atLeast: widest)
    return better == target ? plan : try self.plan(selected, target: better, step: step)
  }

  private func plan(
    _ selected: [FoundStore], target: MigrationPlan.Target, step: (FoundStore) throws -> Void
  ) throws -> MigrationPlan {
    if options.mode == .live { quiet.look(at: selected) }
    var planned: [PlannedStore] = []
    var texts = options.mode == .dryRun ? try options.newVectors.map(TextCount.init) : nil
    for store in selected {
      try step(store)
      planned.append(try plan(store, target: target, counting: &texts))
    }
    var plan = MigrationPlan(target: target, stores: planned)
    plan.texts = texts?.total
    return plan
  }

  /// Returns the existing table, or the table to create.
  ///
  /// Where the operator names no dimension, a new table is wide enough for every store that was
  /// found, including those that this run leaves out. It is not wider than an index allows or,
  /// where nothing is reduced, than a table can store.
  private func target(for found: [FoundStore], atLeast read: Int? = nil) throws
    -> MigrationPlan.Target
  {
    if let table = database?.table {
      if let wanted = options.dimensions, wanted != table.dimensions {
        throw Failure(
          .preflight,
          "table \(table.name) takes \(table.dimensions) dimensions, --dimensions asks for \(wanted)",
          remedy: "leave --dimensions out, or name another table with --table")
      }
      return .init(
        table: table.name, dimensions: table.dimensions, mustBeCreated: false,
        triggers: database?.triggers ?? [], eventTriggers: eventTriggers,
        referring: database?.referring ?? [])
    }
    // A store without vectors has no dimension.
    let inFiles = found.compactMap { StorePeek($0).dimensions }.filter { $0 > 0 }
    let widest = ((newDimensions.map { [$0] } ?? inFiles) + [read].compactMap { $0 })
      .filter { $0 > 0 }.max()
    let limit =
      options.reduction.method == .none
      ? VectorTable.storableDimensions : VectorTable.indexableDimensions
    let name = database?.name ?? options.table
    return .init(
      table: name,
      dimensions: options.dimensions ?? min(widest ?? VectorTable.indexableDimensions, limit),
      mustBeCreated: !isTaken, isUndecided: options.dimensions == nil && widest == nil,
      isUnsuitable: isTaken, eventTriggers: eventTriggers)
  }

  private var eventTriggers: [String] { database?.eventTriggers ?? [] }

  private func plan(
    _ store: FoundStore, target: MigrationPlan.Target, counting texts: inout TextCount?
  ) throws -> PlannedStore {
    do {
      return try accept(store, target: target, counting: &texts)
    } catch let error as PostgresError {
      throw error
    } catch {
      let failure = Failure(error)
      if failure.kind == .interrupted { throw failure }
      return PlannedStore(
        store: store, action: .refuse(failure), contents: nil, reduction: nil, sourceDigest: nil)
    }
  }

  private func accept(
    _ store: FoundStore, target: MigrationPlan.Target, counting texts: inout TextCount?
  ) throws -> PlannedStore {
    if let refusal = store.refusal { throw refusal }
    let isDry = options.mode == .dryRun
    if !options.reading.allowMismatch, store.isProbablyUnreadable {
      // A store that is refused because of its counts or its first bytes is refused before it is
      // hashed completely.
      _ = try StoreReader(
        directory: store.path, store: store, keys: keys, options: options.reading)
    }
    let digest = isDry ? try SourceDigest(of: store) : try quiet.digest(of: store)
    let entry = try ledgerEntry(for: store.name)
    let isUnchanged = entry.map { self.isUnchanged($0, digest: digest, target: target) } ?? false
    let repeats =
      try isUnchanged && options.unlisted == .adopt && database?.hasDoubles(store.name) == true
    if let entry, !isDry, isUnchanged, !repeats {
      return PlannedStore(
        store: store,
        action: .unchanged(missing: entry.documents.subtractingSaturated(entry.present)),
        contents: nil, reduction: nil, sourceDigest: digest.bytes)
    }
    if let entry, let refusal = refusalOfOldVectors(in: entry) { throw refusal }
    if let entry, !isUnchanged, let refusal = refusalOfOtherPlace(of: store, entry) {
      throw refusal
    }
    let newVectors = newVectors()
    let reader = try StoreReader(
      directory: store.path, store: store, keys: keys, options: options.reading,
      vectors: newVectors)
    // A file does not say which model its vectors come from; a new store that has the table's own
    // dimension is assumed to fit.
    if let reembedded = database?.reembedded, reader.documentCount > 0,
      entry != nil || reader.dimensions != target.dimensions
    {
      throw reembedded
    }
    if target.isUndecided, reader.documentCount == 0 {
      if isDry { try reader.check() }
      return PlannedStore(
        store: store, action: .leaveEmpty, contents: StoreContents(reader), reduction: nil,
        sourceDigest: digest.bytes)
    }
    let reduction = try reduction(of: reader, to: target.dimensions)
    let unlisted = try database?.unlisted(reader, options.unlisted)
    var trial = ReductionTrial()
    // Vectors that a service has yet to make cannot be measured.
    let isMeasured = try isDry && reader.countOfMissingVectors() == 0
    newVectors?.standsInForMissing = isDry && !isMeasured
    if isMeasured {
      try reader.check()
      trial = try measure(
        reader, reduction, keptOriginals: entry?.settings.keepsOriginals ?? false)
    }
    var action = action(entry, isUnchanged: isUnchanged && !repeats)
    if action.writes, let refusal = unlisted?.refusal ?? trial.refusal {
      action = .refuse(refusal)
    }
    if action.writes, let table = database?.table,
      let refusal = try table.refusalOfNarrowColumns(for: reader, isInterrupted: isInterrupted)
    {
      action = .refuse(refusal)
    }
    var planned = PlannedStore(
      store: store, action: action, contents: StoreContents(reader), reduction: reduction,
      measurement: trial.model?.measurement, alternatives: trial.alternatives,
      sourceDigest: digest.bytes, previousRun: try writer(of: store.name),
      unlisted: unlisted, repeats: repeats)
    if action.writes, let count = try texts?.add(reader, isInterrupted: isInterrupted) {
      (planned.texts, planned.obstacle) = count
    }
    if isDry, let database, action.writes {
      if entry != nil, !database.referring.isEmpty {
        let removals = try database.removals(reader)
        (planned.removes, planned.losses) = (removals.rows, removals.losses)
      }
      planned.obstacle =
        try planned.obstacle
        ?? StoreObstacle(options: options, database: database)
        .find(for: planned, replacing: entry, reader: reader)
    }
    return planned
  }

  /// Opens the vectors that a service makes in place of those in the files; nil where no service is
  /// used.
  private func newVectors() -> ServiceVectors? {
    guard let new = options.newVectors, let newDimensions else { return nil }
    return new.vectors(dimensions: newDimensions)
  }

  /// Returns the failure for a store at a place that the operator has named, where the store of the
  /// same name in the table came from another place; nil without this conflict, and with `force`.
  ///
  /// Libraries give unrelated stores the same name, and one would replace the other.
  private func refusalOfOtherPlace(of store: FoundStore, _ entry: LedgerEntry) -> Failure? {
    let (before, now) = (entry.sourcePath, store.path)
    // The same place may be named from another folder.
    guard store.isGiven, !options.force, entry.documents > 0, before != now,
      !before.hasSuffix("/\(now)"), !now.hasSuffix("/\(before)")
    else { return nil }
    return Failure(
      .source,
      "\(store.name) was migrated from \(before); this store of the same name is at \(now), and "
        + "would replace its \(entry.documents) documents",
      remedy: "give this store another name with --collection; or, if the store was only moved, "
        + "replace it with --force")
  }

  /// Returns the failure for a changed store whose vectors in the table were made by a service,
  /// because vectors of the files, which another model has made, would replace them.
  ///
  /// Returns nil where no service has made the vectors, and where the operator has chosen a service
  /// or `force`.
  private func refusalOfOldVectors(in entry: LedgerEntry) -> Failure? {
    guard let embedding = entry.settings.embedding, options.newVectors == nil, !options.force else {
      return nil
    }
    return Failure(
      .source,
      "the store's vectors in the table were made by \(embedding.words); the store's files have "
        + "changed since then, and the vectors in these files are of another model",
      remedy:
        "run migrate --reembed \(embedding.options), which asks for vectors of the changed texts only; or "
        + "migrate --force, which replaces all vectors of the store by those in the files")
  }

  /// Returns the run that wrote the listed rows of the store, even where the table was dropped; nil
  /// where the ledger does not list the store.
  private func writer(of name: StoreName) throws -> RunID? {
    guard let database, database.hasLedger else { return nil }
    return try database.writer(name)
  }

  /// Fits or finds the store's model, and measures it; notes a refusal where the recall is below
  /// the operator's minimum, and measures other ways where the reduction loses something.
  private func measure(
    _ reader: StoreReader, _ reduction: Reduction, keptOriginals: Bool
  ) throws -> ReductionTrial {
    guard case .project(let kind, _, let target) = reduction else { return ReductionTrial() }
    let engine = try engine()
    let rows = StoreRows(reader: reader, isInterrupted: isInterrupted)
    let fit = ModelFit(
      engine: engine,
      originals: try options.originals.resolved(
        areStorable: database?.canKeepOriginals() ?? true, wereKept: keptOriginals),
      memory: RowMemory(bytes: options.memory * 1_000_000, isForLoad: false))
    var trial = ReductionTrial()
    if options.reduction.usesSharedModel(reduction), let shape = ModelTable.Shape(reduction) {
      trial.model = try fit.measure(try sharedModel(shape).projection, on: rows)
    } else {
      trial.model = try fit.fit(rows, kind: kind, target: target)
    }
    do throws(Failure) {
      try trial.model?.check(minimumRecall: options.reduction.minimumRecall)
    } catch {
      trial.refusal = error
    }
    if reader.documentCount > target {
      trial.alternatives = try Alternatives(
        of: reader.vectors, model: trial.model?.projection, target: target, engine: engine,
        isInterrupted: isInterrupted)
    }
    return trial
  }

  private func sharedModel(_ shape: ModelTable.Shape) throws -> SharedModel {
    try database?.sharedModel(shape, shared) ?? shared.model(shape, in: nil)
  }

  private func ledgerEntry(for name: StoreName) throws -> LedgerEntry? {
    guard let database, database.table != nil, database.hasLedger else { return nil }
    return try database.entry(name)
  }

  private func isUnchanged(
    _ entry: LedgerEntry, digest: SourceDigest, target: MigrationPlan.Target
  ) -> Bool {
    // Some documents may have been deleted on purpose; but a table without any document of the
    // store was emptied or is new, and the store is written again.
    !options.force && (entry.present > 0 || entry.isComplete)
      && entry.sourceDigest == digest.bytes
      && options.accepts(
        entry.settings, from: entry.sourceDimensions, to: target.dimensions)
  }

  private func action(_ entry: LedgerEntry?, isUnchanged: Bool) -> PlannedStore.Action {
    guard let entry else { return .insert }
    return isUnchanged
      ? .unchanged(missing: entry.documents.subtractingSaturated(entry.present))
      : .replace(previousDocuments: entry.documents)
  }

  /// Returns the way in which the store's vectors get the table's dimension.
  private func reduction(of reader: StoreReader, to target: Int) throws(Failure) -> Reduction {
    // Without vectors nothing needs to be reduced.
    guard reader.documentCount > 0 else { return .none }
    if let way = options.reduction.reduction(from: reader.dimensions, to: target) { return way }
    throw Failure(
      .source,
      "the store's vectors have \(reader.dimensions) dimensions, the table takes \(target)",
      remedy: "reduce the vectors (--reduce pca), or name a wider table with --table")
  }
}

/// The result of measuring a store's reduction.
private struct ReductionTrial {
  var model: FittedModel?
  var refusal: Failure?
  var alternatives: Alternatives?
}

extension MigrationOptions {
  /// Returns true where a store that was written with these settings would now be written in the
  /// same way; otherwise the store counts as changed.
  ///
  /// The setting for originals is compared only where the operator has chosen it: with `auto`, a
  /// measurement has decided.
  func accepts(_ written: RecordedSettings, from source: Int, to target: Int) -> Bool {
    let kept = originals == .auto ? written.keepsOriginals : originals == .always
    var settings = settings(from: source, to: target, keepsOriginals: kept)
    // A run that does not say where vectors come from leaves those of a service as they are.
    if newVectors == nil, !force { settings.embedding = written.embedding }
    return written == settings
  }

  /// Returns the settings that decide which rows are made of a store's files, where its vectors
  /// have `source` dimensions in the files and `target` dimensions in the table.
  ///
  /// - Parameter keepsOriginals: true where the unreduced vectors of a reduced store are kept.
  func settings(from source: Int, to target: Int, keepsOriginals: Bool) -> RecordedSettings {
    var settings = RecordedSettings(dimensions: target, reading: reading)
    let way = reduction.reduction(from: source, to: target)
    if case .project(let kind, _, _) = way {
      settings.projection = kind
      settings.isShared = reduction.usesSharedModel(way)
      settings.keepsOriginals = keepsOriginals
    }
    settings.embedding = newVectors?.settings.origin
    return settings
  }
}

extension StoreContents {
  init(_ reader: borrowing StoreReader) {
    self.init(
      vectors: reader.vectorCount, entries: reader.entryCount, documents: reader.documentCount,
      dimensions: reader.dimensions, isEncrypted: reader.isEncrypted,
      findings: reader.findings.map(\.description)
        + (reader.equalDocuments?.findings ?? [])
        + (reader.documentCount == 0 ? ["it holds no documents"] : []),
      equalDocuments: reader.equalDocuments)
  }
}
