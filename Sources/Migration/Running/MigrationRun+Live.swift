internal import Doctor
internal import Backups
internal import Embedding
internal import Machine
internal import Models
internal import Ledger
internal import Postgres
internal import Layouts
internal import OwnSchema
internal import StoreEmbedding
internal import Stores
internal import Unlisted
internal import VectorMath

extension MigrationRun {
  /// Makes the plan and the backups, then migrates the stores.
  func live(
    found: [FoundStore], selected: [FoundStore], opening: Opening,
    since start: ContinuousClock.Instant
  ) throws -> MigrationReport {
    // A server that does not exist yet has no data: all stores will be copied.
    if opening.connection == nil {
      try checkRoomForBackups(of: selected)
    }
    let connection = try opening.usable ?? connect()
    let state = try DatabaseState.read(
      connection, table: options.table, keepsOriginals: options.originals == .always,
      adopts: options.unlisted == .adopt)
    let plan = try plan(found: found, selected: selected, database: state)
    try checkRoom(plan, on: connection, table: state.table)
    if state.schemaVersion == 0, !plan.toMigrate.isEmpty { try confirmFirstRun(plan) }
    try tryObjects(plan, state, on: connection)
    if opening.connection != nil { try beforeWriting() }
    let run = RunID()
    try journal.begin(run: run, plan: plan, identity: try connection.identity()?.description)
    observe(.begun(run))
    let spaceBefore = DatabaseSpace.read(plan.target.table, on: connection)
    var spaceAfter: DatabaseSpace?
    var results: [StoreResult] = []
    var outage: Failure?
    var index = IndexResult.notAsked
    var usage: EmbeddingUsage?
    if plan.toMigrate.isEmpty, plan.target.mustBeCreated {
      // No table is created where no store is written, because no store would have chosen its
      // dimension.
      results = previews(of: plan)
    } else {
      var backups = try timings.measure(.backups) { try backUp(plan, run: run) }
      let fetched = try begun(backups) { try fetchVectors(for: plan, copies: backups.copies) }
      usage = fetched?.usage
      for (store, failure) in fetched?.failures ?? [:] { backups.copies[store] = .failure(failure) }
      do {
        // Some servers and poolers cut sessions that were idle while the copies were made.
        var session = try begun(backups) {
          try persist(on: connection) { connection in
            try timings.measure(.preparing, on: connection) {
              try ready(
                connection, plan, facts: state.facts, run: run, models: backups.folder, found)
            }
          }
        }
        (results, outage) = try migrate(plan, copies: backups.copies, session: &session)
        session.close()
        if results.count == plan.stores.count, !isInterrupted() {
          index = timings.measure(.index) { buildIndex(after: results, session: session) }
        }
        spaceAfter = DatabaseSpace.read(plan.target.table, on: session.connection)
      } catch {
        guard reconnection.failure != nil else { throw error }
        outage = Failure(error)
      }
    }
    let wasInterrupted =
      results.count < plan.stores.count && outage == nil
      || index.failure?.kind == .interrupted
      || results.contains { $0.failure?.kind == .interrupted }
    return MigrationReport(
      run: run, startedAt: startedAt, plan: plan, stores: results, index: index, obstacle: nil,
      outage: outage, wasInterrupted: wasInterrupted, seconds: seconds(since: start), usage: usage,
      spaceBefore: spaceBefore, spaceAfter: spaceAfter)
  }

  /// Tries to create the objects that the run needs, and rolls this back, where event triggers
  /// could refuse the objects.
  ///
  /// Called before anything is copied or dumped.
  private func tryObjects(_ plan: MigrationPlan, _ state: DatabaseState, on connection: Connection)
    throws
  {
    guard !state.eventTriggers.isEmpty, !plan.toMigrate.isEmpty else { return }
    let isMissing = state.facts.vectorVersion == nil
    try NeededObjects(
      extensionSchema: isMissing ? state.facts.currentSchema ?? "public" : nil,
      table: plan.target.mustBeCreated
        ? (name: plan.target.table, dimensions: plan.target.dimensions) : nil,
      documents: plan.target.table
    ).tryOut(on: connection)
  }

  /// Prepares the database for the stores.
  private func ready(
    _ connection: Connection, _ plan: MigrationPlan, facts: ServerFacts, run: RunID,
    models: String?, _ found: [FoundStore]
  ) throws -> LiveSession {
    var session = LiveSession(
      connection: connection,
      prepared: try PreparedDatabase(
        plan: plan, facts: facts, run: run, models: models, on: connection))
    session.prepared.canKeepOriginals = try prepareOriginals(
      plan, facts: facts, session: session)
    session.prepared.shared = try prepareSharedModels(plan, found: found, session: session)
    return session
  }

  /// Creates the table of originals where a store may need it; returns true where originals can be
  /// stored.
  ///
  /// The table is created with the first store that is reduced, even if the reduction loses
  /// nothing, so that rights which are given to an application after its first migration include
  /// this table.
  private func prepareOriginals(
    _ plan: MigrationPlan, facts: ServerFacts, session: LiveSession
  ) throws -> Bool {
    let connection = session.connection
    let areStorable =
      try facts.halfvecObstacle == nil && OriginalsTable.isWritable(on: connection)
    if areStorable, options.originals != .never, plan.toMigrate.contains(where: \.isProjected),
      try !OriginalsTable.exists(on: connection)
    {
      try FerrySchema.install(.originals, for: session.table.catalogueName, on: connection)
    }
    return areStorable
  }

  /// Copies every store that will be written; nothing is written to the database before the last
  /// copy is verified.
  ///
  /// A store that can no longer be read, or that changes meanwhile, fails alone; a disk that cannot
  /// take the copies stops the run.
  private func backUp(_ plan: MigrationPlan, run: RunID) throws -> Backups {
    var backups = Backups()
    guard options.makesBackups, !plan.toMigrate.isEmpty else { return backups }
    observe(.backupsStarted(directory: options.backupDirectory))
    let folder = try BackupFolder(in: options.backupDirectory, startedAt: startedAt)
    backups.folder = folder.path
    for store in plan.toMigrate {
      if isInterrupted() { throw Failure(.interrupted, "interrupted") }
      do {
        let copy = try folder.add(store.store, expected: store.sourceDigest ?? [])
        backups.copies[store.name] = .success(copy)
        hooks.reached(.backup)
        observe(.backupCreated(store.name, folder: copy))
      } catch {
        let failure = Failure(error)
        guard failure.kind == .source else { throw failure }
        backups.copies[store.name] = .failure(failure)
      }
    }
    try folder.seal(run: run, startedAt: startedAt)
    return backups
  }

  /// Runs `body` after copies were made; where `body` throws, the failure also says that copies
  /// were written.
  private func begun<Result>(_ backups: Backups, _ body: () throws -> Result) throws -> Result {
    do {
      return try body()
    } catch {
      let cause = Failure(error)
      let made = backups.copies.values.count { (try? $0.get()) != nil }
      guard let folder = backups.folder, cause.kind != .interrupted,
        reconnection.failure == nil
      else { throw error }
      let stores = made == 1 ? "1 store" : "\(made) stores"
      throw Failure(
        .begun,
        "\(cause.reason); copies of \(stores) were written to \(folder) before that, and nothing "
          + "was written to the database",
        remedy: cause.remedy)
    }
  }

  /// The run's verified copies; empty where no copies are made.
  private struct Backups {
    var folder: String?
    var copies: StoreCopies = [:]
  }

  /// Migrates one store; an error is the failure of this store only, and the other stores continue.
  ///
  /// Throws only where another run holds the store.
  func migrate(
    _ store: PlannedStore, session: inout LiveSession, backup: Result<String, Failure>?
  ) throws(StoreLock.Taken) -> StoreResult {
    let start = now
    var facts = StoreFacts(contents: store.contents, measurement: nil)
    let outcome: StoreResult.Outcome
    do {
      switch store.action {
      case .unchanged, .leaveEmpty, .refuse: outcome = Self.preview(store)
      case .insert, .replace:
        observe(.storeStarted(store))
        let copy = try backup?.get()
        outcome = try persist(with: store, session: &session) { session in
          // Another run may have been faster; it is better to find this out before the model is
          // fitted.
          let entry = try look(at: store, session: session)
          while true {
            do {
              return try load(
                store, listedAs: entry, session: session, backup: copy, facts: &facts)
            } catch let wrong as WrongOriginals {
              facts.keepsOriginals = wrong.areNeeded
              observe(.loadedAgain(store, keepsOriginals: wrong.areNeeded))
            }
          }
        }
      }
    } catch let taken as StoreLock.Taken {
      throw taken
    } catch {
      // A fault in a copy was already in the original file, so the message names that file.
      outcome = .failed(
        Failure(error).naming(store.store.path, insteadOf: try? backup?.get()))
    }
    return StoreResult(
      planned: store, outcome: outcome, contents: facts.contents, measurement: facts.measurement,
      kept: facts.kept, adoption: outcome.isMigrated ? facts.adoption : AdoptionReport(),
      losses: outcome.isMigrated ? facts.losses : [], overlap: facts.overlap,
      backup: try? backup?.get(),
      seconds: seconds(since: start))
  }

  /// The facts about a store that are known when its migration ends, successful or not.
  private struct StoreFacts {
    var contents: StoreContents?
    var measurement: ModelMeasurement?
    var kept = KeptDocuments()
    var adoption = AdoptionReport()
    var losses: [ReferringRows] = []
    var overlap: RankingOverlap?
    /// True where a load that was rolled back has found that originals have to be kept; nil where
    /// no load was rolled back for this reason.
    var keepsOriginals: Bool?
  }

  /// Loads one store; throws `WrongOriginals` where it has to be loaded again.
  ///
  /// - Parameter entry: the ledger's entry of the store; nil where the ledger does not list it.
  private func load(
    _ store: PlannedStore, listedAs entry: LedgerEntry?, session: LiveSession, backup: String?,
    facts: inout StoreFacts
  ) throws -> StoreResult.Outcome {
    let reader = try timings.measure(.reading) {
      try StoreReader(
        directory: backup ?? store.store.path, store: store.store, keys: keys,
        options: options.reading, vectors: newVectors())
    }
    let counted = StoreContents(reader)
    facts.contents = counted
    observe(.storeOpened(store, counted))
    if let entry, !options.force || entry.run == session.run,
      entry.isComplete, entry.sourceDigest == store.sourceDigest,
      options.accepts(entry.settings, from: reader.dimensions, to: session.table.dimensions),
      !store.repeats || entry.run == session.run
    {
      return outcome(of: entry.run, documents: entry.documents, in: session)
    }
    facts.overlap = try overlap(of: store, reader: reader, backup: backup)
    let model = try timings.measure(.fitting) {
      try prepareModel(
        of: store, reader: reader, session: session,
        keptOriginals: entry?.settings.keepsOriginals ?? false, keepsOriginals: facts.keepsOriginals
      )
    }
    if let model, model.measurement == nil {
      facts.measurement = model.fitted.measurement
      try report(model.fitted, model, of: store, session)
    }
    let keepsOriginals = model?.fitted.measurement.keepsOriginals ?? false
    observe(
      .storeWriting(
        store, documents: counted.documents, isMeasured: model?.measurement != nil))
    var adoption: AdoptionReport?
    var losses: [ReferringRows]?
    var measured: ModelMeasurement?
    let load = StoreLoad(
      connection: session.connection, table: session.table, planned: store, model: model,
      reducer: try model.map { Reducer($0, engine: try mathEngine()) }
        ?? Reducer(store.reduction ?? .none),
      settings: options.settings(
        from: reader.dimensions, to: session.table.dimensions, keepsOriginals: keepsOriginals),
      force: options.force, basis: .planned(store.previousRun),
      repeats: store.repeats, timings: timings,
      keepsOriginals: keepsOriginals, run: session.run, hooks: hooks,
      checkSource: { [options] in try Self.checkSource(of: store, options: options) },
      unlisted: options.unlisted, reportAdoption: { adoption = $0 },
      allowedLosses: options.allowedLosses, reportLosses: { losses = $0 },
      isInterrupted: isInterrupted,
      reportConverted: { self.observe(.addedConverted(store.name, documents: $0)) },
      reportMeasured: { fitted in
        measured = fitted.measurement
        if let model { try self.report(fitted, model, of: store, session) }
      },
      reportDeletedOriginals: { self.observe(.originalsDeleted(store.name, count: $0)) })
    // These are known before the commit, whose answer may be lost.
    defer {
      if let measured { facts.measurement = measured }
      if let adoption { facts.adoption = adoption }
      if let losses { facts.losses = losses }
    }
    let outcome = try timings.measure(.committing, on: session.connection) {
      try load.run(reader, digest: store.sourceDigest ?? []) { documents in
        reconnection.restartTimeLimit()
        observe(.storeProgress(store.name, documents: documents))
      }
    }
    facts.contents = StoreContents(reader)
    switch outcome {
    case .written(let documents, let kept, _):
      facts.kept = kept
      return .migrated(documents: documents)
    case .alreadyThere(let run, let documents):
      return self.outcome(of: run, documents: documents, in: session)
    }
  }

  /// Returns the outcome of a store that the ledger already has with these contents.
  ///
  /// Where this run wrote the store, an earlier attempt's COMMIT has succeeded although its answer
  /// was lost: the store is migrated. Otherwise it is unchanged.
  private func outcome(of run: RunID, documents: Int, in session: LiveSession)
    -> StoreResult.Outcome
  {
    run == session.run ? .migrated(documents: documents) : .unchanged(missing: 0)
  }

  /// Refuses a store whose files have changed since the plan; does nothing where the run reads a
  /// verified copy, which cannot change.
  private static func checkSource(of store: PlannedStore, options: MigrationOptions) throws {
    guard !options.makesBackups else { return }
    guard try SourceDigest(of: store.store).bytes == store.sourceDigest else {
      throw Failure(
        .source, "the store changed while it was read",
        remedy: "stop the application that writes to the store, or leave --no-backup out")
    }
  }
}
