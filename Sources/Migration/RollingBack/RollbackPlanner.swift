internal import Backups
internal import Ledger
internal import Bounds
internal import Digests
internal import Postgres
internal import Layouts
internal import OwnSchema
internal import Stores

/// Plans a rollback by reading the database and the backups; writes to neither.
struct RollbackPlanner {
  let options: RollbackOptions
  let connection: Connection
  let copies: CopyFinder

  /// Returns the plan, or that there is nothing to roll back; throws what prevents all of it.
  func plan() throws -> RollbackDecision {
    if let name = options.run {
      let run = try RollbackTarget.named(name, on: connection)
      let stores = try stores(of: run, in: nil)
      guard !stores.isEmpty else { throw nothingLeft(of: run.id) }
      return .plan(RollbackPlan(run, stores: stores))
    }
    let table = try LedgerAccess.table(options.table, on: connection)
    let latest = try RollbackTarget.latest(in: table, on: connection)
    let undone = try RollbackTarget.lastRolledBack(in: table, on: connection)
    // A rollback goes back only once: giving the same command again rolls back nothing more.
    if let undone, undone.began > latest?.began ?? -.infinity {
      return try decide(rolledBack: undone, in: table)
    }
    guard let latest else {
      return .nothing("no run has written the present rows of \(table.name)")
    }
    let stores = try stores(of: latest, in: table)
    return stores.isEmpty
      ? .nothing(nothingLeft(of: latest.id).reason) : .plan(RollbackPlan(latest, stores: stores))
  }

  /// Decides what is left to do where the latest run was already rolled back: only restoring files,
  /// if that rollback was interrupted.
  private func decide(rolledBack run: RollbackTarget, in table: VectorTable) throws
    -> RollbackDecision
  {
    if options.restoresFiles,
      try RollbackTarget.lastRolledBack(in: table, unfinished: true, on: connection) != nil
    {
      let stores = try stores(of: run, in: table)
      if !stores.isEmpty { return .plan(RollbackPlan(run, stores: stores)) }
    }
    return .nothing(
      "run \(run.id), the latest in \(table.name), was rolled back before; give an earlier RUN "
        + "to roll that back as well"
    )
  }

  /// Plans each store that was last written by a run, in one table or in all.
  private func stores(of run: RollbackTarget, in table: VectorTable?) throws
    -> [RollbackPlan.StorePlan]
  {
    let recorded = try RecordedStore.all(table: table?.catalogueName, on: connection)
      .filter { $0.run == run.id && options.selection.includes($0.name) }
    let copied = options.restoresFiles ? try copiedStores(of: run.id) : []
    // A run has one table; a store appears twice where two tables hold it.
    let byName = Dictionary(grouping: recorded, by: \.name)
    return Set(recorded.map(\.name) + copied).sorted().flatMap { name in
      let entries = byName[name] ?? []
      return entries.isEmpty
        ? [plan(name, nil, run: run.id)] : entries.map { plan(name, $0, run: run.id) }
    }
  }

  private func nothingLeft(of run: RunID) -> Failure {
    let isSelected = !options.selection.users.isEmpty || !options.selection.collections.isEmpty
    return Failure(
      .preflight,
      "run \(run) has nothing in the database"
        + (isSelected ? " for these --user and --collection" : ""),
      remedy: "it was rolled back before, or later runs have replaced what it wrote; "
        + "vector-ferry history lists the runs")
  }

  private func copiedStores(of run: RunID) throws -> [StoreName] {
    let backup = try BackupCatalogue(directory: options.backupDirectory).backups()
      .first { $0.manifest?.run == run }
    return (backup?.manifest?.stores ?? []).map(\.name).filter(options.selection.includes)
  }

  private func plan(_ name: StoreName, _ recorded: RecordedStore?, run: RunID)
    -> RollbackPlan.StorePlan
  {
    do {
      var files: [RollbackPlan.FilePlan] = []
      var isProven = false
      if options.restoresFiles {
        let digest = try recorded?.sourceDigest ?? digest(of: name, replacedAfter: run)
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
    var edited: [UUIDValue] = []
    var rows = try connection.transaction(.repeatableRead, readOnly: true) {
      try RowSecurity.act(for: recorded.name.user, on: connection)
      let table = try RolledBackStore.table(recorded.table, on: connection)
      try LedgerReader(connection: connection, table: table).preferHashJoins()
      let listed = try RolledBackStore.look(at: recorded, table: table, on: connection)
      edited = listed.edited
      let added: Int? = try connection.scalar(
        """
        SELECT count(*) FROM \(table.rows)
        WHERE user_id = \(recorded.name.user) AND collection_name = \(recorded.name.collection)
        """)
      let alongside = try AlongsideRows(connection: connection, store: recorded.id)
        .count(in: table, name: recorded.name)
      let hasProjection: Bool? = try connection.scalar(
        "SELECT projection_id IS NOT NULL FROM vector_ferry.stores WHERE id = \(recorded.id)")
      return RollbackPlan.Rows(
        store: recorded.id, table: table.name.description, catalogueName: recorded.table,
        removes: listed.removed, edited: listed.kept, putsBack: listed.adopted,
        gone: recorded.documents.subtractingSaturated(listed.visible),
        added: (added ?? 0) - listed.visible - alongside, alongside: alongside,
        hasProjection: hasProjection ?? false,
        referring: try References(to: table, on: connection).tables())
    }
    if rows.removes > 0, !rows.referring.isEmpty {
      rows.losses = try losses(recorded, leaving: edited)
      // Rows that a restoration changes in place lose nothing in other tables.
      if !options.restores {
        let table = try RolledBackStore.table(recorded.table, on: connection)
        rows.obstacle = try ReferenceGuard(
          of: table, allowed: options.allowedLosses, on: connection
        ).refusal(ofDeleting: rows.removes, losing: rows.losses)
      }
    }
    return rows
  }

  /// Counts the rows of other tables that go or change if all rows of the run are deleted.
  private func losses(_ recorded: RecordedStore, leaving edited: [UUIDValue]) throws
    -> [ReferringRows]
  {
    let table = try RolledBackStore.table(recorded.table, on: connection)
    return try References(to: table, on: connection).count(
      where: """
        t.user_id = \(recorded.name.user) AND t.collection_name = \(recorded.name.collection)
        AND t.id <> ALL (\(edited.array))
        AND EXISTS (
          SELECT FROM vector_ferry.documents d
          WHERE d.store_id = \(recorded.id) AND d.document_id = t.id)
        AND NOT EXISTS (
          SELECT FROM vector_ferry.adoptions a
          WHERE a.store_id = \(recorded.id) AND a.document_id = t.id)
        """, user: recorded.name.user)
  }

  /// Refuses names of tables whose rows a rollback cannot delete or change.
  func checkAllowedLosses(_ plan: RollbackPlan) throws {
    guard !options.allowedLosses.isEmpty else { return }
    let tables = Set(plan.stores.compactMap(\.rows?.catalogueName))
    try References.checkNames(
      options.allowedLosses,
      in: tables.sorted().map {
        try References(to: RolledBackStore.table($0, on: connection), on: connection)
      })
  }

  private func previous(_ recorded: RecordedStore) throws -> RollbackPlan.Previous? {
    guard let replacement = try Replacement.of(store: recorded.id, on: connection) else {
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

  /// Returns the digest of the files that a run migrated, where a later run has replaced its state;
  /// nil where the ledger no longer knows it.
  private func digest(of name: StoreName, replacedAfter run: RunID) throws -> [UInt8]? {
    let rows = try connection.query(
      """
      SELECT r.source_digest FROM vector_ferry.replacements r
      JOIN vector_ferry.stores s ON s.id = r.store_id
      WHERE r.run_id = \(run.uuid)
        AND s.user_id = \(name.user) AND s.collection_name = \(name.collection)
      """)
    return rows.rowCount == 0 ? nil : try rows.value(0, 0, as: ByteString.self).bytes
  }

  /// Plans each file; refuses a copy whose files are not those that the ledger knows, even if its
  /// manifest matches them.
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
  fileprivate init(_ target: RollbackTarget, stores: [StorePlan]) {
    self.init(
      run: target.id, undoneRun: target.undoneRun, startedAt: target.startedAt, host: target.host,
      stores: stores)
  }
}
