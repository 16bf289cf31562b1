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
    try journal.begin(run: run, startedAt: startedAt, stores: plan.stores)
    let backups = try backUp(plan, run: run)
    let session = try LiveSession(
      connection: connection, plan: plan, facts: state.facts, run: run)
    var results: [StoreResult] = []
    var wasInterrupted = false
    for store in plan.stores {
      wasInterrupted = wasInterrupted || isInterrupted()
      if wasInterrupted { break }
      let result = carry(store, session: session, backup: backups[store.name])
      wasInterrupted = result.failure?.kind == .interrupted
      results.append(result)
      observe(.storeFinished(result))
      journal.finished(result)
    }
    session.close()
    return MigrationReport(
      run: run, startedAt: startedAt, plan: plan, stores: results, obstacle: nil,
      wasInterrupted: wasInterrupted, seconds: seconds(since: start))
  }

  /// Copies every store that will be written; nothing is written to the database before the last
  /// copy is verified.
  private func backUp(_ plan: MigrationPlan, run: RunID) throws -> [StoreName: String] {
    guard options.makesBackups, !plan.toMigrate.isEmpty else { return [:] }
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
    return copies
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
        journal.started(store)
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
    let digest = store.sourceDigest ?? []
    let load = StoreLoad(
      connection: session.connection, table: session.table, planned: store,
      settings: options.settings(dimensions: session.table.dimensions), force: options.force,
      run: session.run, hooks: hooks,
      checkSource: { [options] in
        // A verified copy cannot change; the application's own files can.
        guard !options.makesBackups else { return }
        guard try SourceDigest(of: store.store).bytes == digest else {
          throw Failure(
            .source, "the store changed while it was read",
            remedy: "stop the application that writes to it, or leave --no-backup out")
        }
      })
    let outcome = try load.run(reader, digest: digest) { documents in
      observe(.storeProgress(store.name, documents: documents))
    }
    switch outcome {
    case .written(let documents): return .migrated(documents: documents)
    case .alreadyThere: return .unchanged(missing: 0)
    }
  }
}
