internal import Backups
internal import Ledger
internal import Bounds
internal import Machine
internal import Migration
internal import Stores

/// Plans a rollback from the database's answers and the backups; changes neither database nor
/// backups.
struct RollbackPlanner {
  let options: RollbackOptions
  let database: RollbackAnswers
  let copies: CopyFinder

  /// Returns the plan, or the reason why nothing is left to roll back; throws an error that
  /// prevents the whole rollback.
  func plan() throws -> RollbackDecision {
    if let name = options.run {
      let run = try database.named(name)
      let stores = try stores(of: run, in: nil)
      guard !stores.isEmpty else { throw try nothingLeft(of: run.id) }
      return .plan(try RollbackPlan(run, stores: stores, leftOut: leftOut(of: run.id)))
    }
    let table = try database.table()
    let latest = try database.latest()
    // Without a named run, the same command given again does not roll back an earlier migration.
    if let undone = try database.lastRolledBack(false), undone.began > latest?.began ?? -.infinity {
      return try decide(takenBack: undone, in: table)
    }
    guard let latest else {
      return .nothing("no run has written the present rows of \(table.name)")
    }
    let stores = try stores(of: latest, in: table.catalogueName)
    return stores.isEmpty
      ? .nothing(try nothingLeft(of: latest.id).reason)
      : .plan(try RollbackPlan(latest, stores: stores, leftOut: leftOut(of: latest.id)))
  }

  /// Decides the remaining work where the latest migration was already rolled back: only files are
  /// restored, where that rollback was interrupted.
  private func decide(
    takenBack run: RollbackTarget, in table: (name: String, catalogueName: String)
  ) throws -> RollbackDecision {
    if options.restoresFiles, try database.lastRolledBack(true) != nil {
      let stores = try stores(of: run, in: table.catalogueName)
      if !stores.isEmpty {
        return .plan(try RollbackPlan(run, stores: stores, leftOut: leftOut(of: run.id)))
      }
    }
    return .nothing(
      "run \(run.id), the latest in \(table.name), was rolled back before; name an earlier RUN "
        + "to roll that one back as well"
    )
  }

  /// Plans each store that was last written by a run, in one table, or in all tables where `table`
  /// is nil; where files are restored, also plans each store of the run's backup.
  private func stores(of run: RollbackTarget, in table: String?) throws
    -> [RollbackPlan.StorePlan]
  {
    let written = try database.stores(table).filter { $0.run == run.id }
    let copies = options.restoresFiles ? try copiedStores(of: run.id) : []
    let recorded = written.filter { options.selection.includes($0.name) }
    let copied = copies.filter(options.selection.includes)
    // A slip must never roll back a store that the operator wanted to leave out; where nothing is
    // chosen, nothing is rolled back.
    if !recorded.isEmpty || !copied.isEmpty {
      try options.selection.refuseUnmatched(
        among: Set(written.map(\.name) + copies + database.leftOut(run.id).map(\.name)),
        remedy: "list the stores of the run with: vector-ferry history show \(run.id)")
    }
    // A run has one table; a store appears twice where two tables hold it.
    let byName = Dictionary(grouping: recorded, by: \.name)
    return Set(recorded.map(\.name) + copied).sorted().flatMap { name in
      let entries = byName[name] ?? []
      return entries.isEmpty
        ? [plan(name, nil, run: run.id)] : entries.map { plan(name, $0, run: run.id) }
    }
  }

  /// Returns the selected stores that a run has touched, but that are not rolled back with it.
  private func leftOut(of run: RunID) throws -> [RollbackPlan.LeftOut] {
    try database.leftOut(run).filter { options.selection.includes($0.name) }
  }

  private func nothingLeft(of run: RunID) throws -> Failure {
    let isSelected = options.selection.isLimited
    let leftOut = try leftOut(of: run).map { ": " + $0.reason }
    return Failure(
      .preflight,
      "run \(run) has nothing in the database"
        + (isSelected ? " for the given --user, --collection and --exclude" : "")
        + leftOut.joined(),
      remedy: "that run was rolled back before, or later runs have replaced what it wrote; "
        + "vector-ferry history lists the runs")
  }

  private func copiedStores(of run: RunID) throws -> [StoreName] {
    let backup = try BackupCatalogue(directory: options.backupDirectory).backups()
      .first { $0.manifest?.run == run }
    return (backup?.manifest?.stores ?? []).map(\.name)
  }

  private func plan(_ name: StoreName, _ recorded: RecordedStore?, run: RunID)
    -> RollbackPlan.StorePlan
  {
    do {
      var files: [RollbackPlan.FilePlan] = []
      var isProven = false
      if options.restoresFiles {
        let digest = try recorded?.sourceDigest ?? database.digestOfReplaced(name, run)
        files = try self.files(of: name, run: run, digest: digest)
        isProven = digest != nil
      }
      guard let recorded else {
        return RollbackPlan.StorePlan(
          name: name, rows: nil, previous: nil, files: files, areFilesProven: isProven, refusal: nil
        )
      }
      return RollbackPlan.StorePlan(
        name: name, rows: try rows(of: recorded), previous: try previous(recorded), files: files,
        areFilesProven: isProven, refusal: nil)
    } catch {
      return RollbackPlan.StorePlan(
        name: name, rows: nil, previous: nil, files: [], areFilesProven: false,
        refusal: Failure(error))
    }
  }

  private func rows(of recorded: RecordedStore) throws -> RollbackPlan.Rows {
    let standing = try database.standing(recorded)
    let listed = standing.listed
    var rows = RollbackPlan.Rows(
      store: recorded.id, table: standing.table, catalogueName: recorded.table,
      removes: listed.removed, edited: listed.kept, putsBack: listed.adopted,
      gone: recorded.documents.subtractingSaturated(listed.visible),
      added: standing.rows - listed.visible - standing.alongside, alongside: standing.alongside,
      hasProjection: standing.hasProjection, referring: standing.referring)
    if rows.removes > 0, !rows.referring.isEmpty {
      rows.losses = try database.losses(recorded, listed.edited)
      // Rows that a restoration changes in place cost no rows of other tables.
      if !options.restores {
        rows.obstacle = try database.refusalOfLosses(
          recorded, DatabaseAnswers.Removals(rows: rows.removes, losses: rows.losses))
      }
    }
    return rows
  }

  private func previous(_ recorded: RecordedStore) throws -> RollbackPlan.Previous? {
    guard let replacement = try database.replacement(recorded.id) else {
      return nil
    }
    var backup: String?
    if options.restores {
      let copy = try copies.copy(of: recorded.name, digest: replacement.sourceDigest)
      backup = "\(copy.backup.path)/\(copy.store.folder)"
    }
    return RollbackPlan.Previous(
      documents: replacement.documents, run: replacement.run, backup: backup)
  }

  /// Plans each file; refuses a copy whose files differ from those that the ledger knows, even if
  /// the copy's manifest matches its files.
  private func files(of name: StoreName, run: RunID, digest: [UInt8]?) throws
    -> [RollbackPlan.FilePlan]
  {
    guard let copy = try copies.copy(of: name, run: run) else {
      throw Failure(
        .backup, "there is no backup of \(name) by run \(run) in \(options.backupDirectory)",
        remedy: "name the directory of backups with --backup-dir, or leave --files out")
    }
    if let digest, try SourceDigest(files: copy.store.files).bytes != digest {
      throw Failure(
        .backup,
        "\(copy.backup.path)/\(copy.store.folder) differs from what run \(run) migrated: its "
          + "files or their checksums were replaced (SHA-256 in the ledger)",
        remedy: "restore the files from another copy, or leave --files out")
    }
    return try SourceFiles(options: options, copy: copy, run: run).plan()
  }
}

extension RollbackPlan {
  fileprivate init(_ target: RollbackTarget, stores: [StorePlan], leftOut: [LeftOut]) {
    self.init(
      run: target.id, undoneRun: target.undoneRun, startedAt: target.startedAt, host: target.host,
      stores: stores, leftOut: leftOut)
  }
}
