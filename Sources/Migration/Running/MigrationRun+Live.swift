internal import Postgres
internal import Schema
internal import Stores

extension MigrationRun {
  /// Plans, backs up, then carries the stores over one after another.
  func live(found: [FoundStore], selected: [FoundStore], since start: ContinuousClock.Instant)
    throws -> MigrationReport
  {
    let connection = try connect()
    let state = try DatabaseState.read(connection, table: options.table)
    let plan = try plan(found: found, selected: selected, database: state)
    let run = RunID()
    try journal.begin(run: run, stores: plan.stores)
    let backups = try backUp(plan, run: run)
    let session = try LiveSession(
      connection: connection, plan: plan, facts: state.facts, run: run, models: backups.folder)
    var results: [StoreResult] = []
    var wasInterrupted = false
    for store in plan.stores {
      wasInterrupted = wasInterrupted || isInterrupted()
      if wasInterrupted { break }
      let result = carry(store, session: session, backup: backups.copies[store.name])
      wasInterrupted = result.failure?.kind == .interrupted
      results.append(result)
      observe(.storeFinished(result))
    }
    session.close()
    return MigrationReport(
      run: run, startedAt: startedAt, plan: plan, stores: results, obstacle: nil,
      wasInterrupted: wasInterrupted, seconds: seconds(since: start))
  }

  /// Copies every store that will be written; nothing is written to the database before the last
  /// copy is verified.
  private func backUp(_ plan: MigrationPlan, run: RunID) throws
    -> (folder: String?, copies: [StoreName: String])
  {
    guard options.makesBackups, !plan.toMigrate.isEmpty else { return (nil, [:]) }
    observe(.backupsStarted(directory: options.backupDirectory))
    let folder = try BackupFolder(in: options.backupDirectory, startedAt: startedAt)
    var copies: [StoreName: String] = [:]
    for store in plan.toMigrate {
      if isInterrupted() { throw Failure(.interrupted, "interrupted") }
      copies[store.name] = try folder.add(store.store, expected: store.sourceDigest ?? [])
      try hooks.reached(.backup)
      observe(.backupCreated(store.name, folder: copies[store.name] ?? folder.path))
    }
    try folder.seal(run: run, startedAt: startedAt)
    return (folder.path, copies)
  }

  /// One store's turn; whatever goes wrong is its own failure, and the others go on.
  private func carry(_ store: PlannedStore, session: LiveSession, backup: String?) -> StoreResult {
    let start = now
    var contents = store.contents
    let outcome: StoreResult.Outcome
    do {
      switch store.action {
      case .unchanged(let missing): outcome = .unchanged(missing: missing)
      case .refuse(let failure): outcome = .failed(failure)
      case .insert, .replace:
        observe(.storeStarted(store))
        outcome = try load(store, session: session, backup: backup, contents: &contents)
      }
    } catch {
      return StoreResult(
        planned: store, outcome: .failed(Failure(error)), contents: contents, backup: backup,
        seconds: seconds(since: start))
    }
    return StoreResult(
      planned: store, outcome: outcome, contents: contents, backup: backup,
      seconds: seconds(since: start))
  }

  private func load(
    _ store: PlannedStore, session: LiveSession, backup: String?, contents: inout StoreContents?
  ) throws -> StoreResult.Outcome {
    let reader = try StoreReader(
      directory: backup ?? store.store.path, store: store.store, keys: keys,
      options: options.reading)
    let counted = StoreContents(reader)
    contents = counted
    observe(.storeOpened(store, counted))
    let model = try fitModel(of: store, reader: reader, session: session)
    observe(.storeWriting(store, documents: counted.documents))
    let digest = store.sourceDigest ?? []
    let load = StoreLoad(
      connection: session.connection, table: session.table, planned: store, model: model,
      reducer: try model.map { Reducer(projection: $0.projection, engine: try mathEngine()) }
        ?? Reducer(store.reduction ?? .none),
      settings: options.settings(from: reader.dimensions, to: session.table.dimensions),
      force: options.force, run: session.run, hooks: hooks,
      checkSource: { [options] in try Self.checkSource(of: store, options: options) })
    let outcome = try load.run(reader, digest: digest) { documents in
      observe(.storeProgress(store.name, documents: documents))
    }
    contents = StoreContents(reader)
    switch outcome {
    case .written(let documents): return .migrated(documents: documents)
    case .alreadyThere: return .unchanged(missing: 0)
    }
  }

  /// Fits and measures the store's projection, and keeps it as a file beside the backup.
  private func fitModel(of store: PlannedStore, reader: StoreReader, session: LiveSession) throws
    -> FittedModel?
  {
    guard case .project(let kind, let source, let target) = store.reduction else { return nil }
    observe(.modelFitting(store, kind, from: source, to: target))
    let model = try ModelFit(engine: try mathEngine(), isInterrupted: isInterrupted)
      .fit(reader, kind: kind, target: target)
    try model.check(minimumRecall: options.reduction.minimumRecall)
    let place = try session.models.map { try model.write(for: store.name, in: $0) }
    observe(.modelFitted(store, model, savedTo: place ?? "vector_ferry.projections"))
    return model
  }

  /// A verified copy cannot change; the application's own files can.
  private static func checkSource(of store: PlannedStore, options: MigrationOptions) throws {
    guard !options.makesBackups else { return }
    guard try SourceDigest(of: store.store).bytes == store.sourceDigest else {
      throw Failure(
        .source, "the store changed while it was read",
        remedy: "stop the application that writes to it, or leave --no-backup out")
    }
  }
}
