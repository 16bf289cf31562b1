internal import Postgres
internal import Schema
internal import Stores

/// Decides what a rollback will do; reads the database and the backups, and writes neither.
struct RollbackPlanner {
  let options: RollbackOptions
  let connection: Connection
  let copies: Copies

  /// The plan, or what stands against all of it.
  func plan() throws -> RollbackPlan {
    let run = try findRun()
    let recorded = try RecordedStore.all(on: connection)
      .filter { $0.run == run.id && options.selection.includes($0.name) }
    let copied = options.restoresFiles ? try copiedStores(of: run.id) : []
    let names = Set(recorded.map(\.name) + copied).sorted()
    guard !names.isEmpty else { throw nothingLeft(of: run.id) }
    // A run has one table; a store stands twice where two of its tables hold it.
    let byName = Dictionary(grouping: recorded, by: \.name)
    let stores = names.flatMap { name -> [RollbackPlan.StorePlan] in
      let entries = byName[name] ?? []
      return entries.isEmpty
        ? [plan(name, nil, run: run.id)] : entries.map { plan(name, $0, run: run.id) }
    }
    return RollbackPlan(run: run.id, startedAt: run.startedAt, host: run.host, stores: stores)
  }

  private struct FoundRun {
    let id: RunID
    let startedAt: String
    let host: String
  }

  /// The run that is named, or the one that wrote last.
  private func findRun() throws -> FoundRun {
    let latest: SQL =
      "id = (SELECT run_id FROM vector_ferry.stores ORDER BY migrated_at DESC, id DESC LIMIT 1)"
    let named = options.run.map { name -> SQL in "starts_with(id::text, \(name.lowercased()))" }
    let rows = try connection.query(
      """
      SELECT id, to_char(started_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'), host
      FROM vector_ferry.runs WHERE \(named ?? latest)
      """)
    guard rows.rowCount == 1 else {
      let which = options.run.map { "run \($0)" } ?? "run"
      throw Failure(
        .preflight,
        rows.rowCount == 0
          ? "there is no \(which) in the ledger of this database"
          : "\(which) may mean any of \(rows.rowCount) runs",
        remedy: "list the runs with: vector-ferry history")
    }
    return FoundRun(
      id: RunID(uuid: try rows.value(0, 0)), startedAt: try rows.value(0, 1),
      host: try rows.value(0, 2))
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
      if options.restoresFiles { files = try self.files(of: name, run: run) }
      guard let recorded else {
        return RollbackPlan.StorePlan(
          name: name, rows: nil, previous: nil, files: files, refusal: nil)
      }
      return RollbackPlan.StorePlan(
        name: name, rows: try rows(of: recorded), previous: try previous(recorded), files: files,
        refusal: nil)
    } catch {
      return RollbackPlan.StorePlan(
        name: name, rows: nil, previous: nil, files: [], refusal: Failure(error))
    }
  }

  private func rows(of recorded: RecordedStore) throws -> RollbackPlan.Rows {
    try connection.transaction(.repeatableRead, readOnly: true) {
      try RowSecurity.act(for: recorded.name.user, on: connection)
      let table = try RolledBackStore.table(recorded.table, on: connection)
      try Ledger(connection: connection, table: table).preferHashJoins()
      let standing = try RolledBackStore.look(at: recorded, table: table, on: connection)
      let added: Int? = try connection.scalar(
        """
        SELECT count(*) FROM \(table.name)
        WHERE user_id = \(recorded.name.user) AND collection_name = \(recorded.name.collection)
        """)
      let hasProjection: Bool? = try connection.scalar(
        "SELECT projection_id IS NOT NULL FROM vector_ferry.stores WHERE id = \(recorded.id)")
      return RollbackPlan.Rows(
        store: recorded.id, table: table.name.description,
        removes: standing.visible - standing.edited.count, edited: standing.kept,
        gone: recorded.documents - standing.visible, added: (added ?? 0) - standing.visible,
        hasProjection: hasProjection ?? false)
    }
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

  private func files(of name: StoreName, run: RunID) throws -> [RollbackPlan.FilePlan] {
    guard let copy = try copies.copy(of: name, run: run) else {
      throw Failure(
        .backup, "there is no backup of \(name) by run \(run) in \(options.backupDirectory)",
        remedy: "name the directory of backups with --backup-dir, or leave --files out")
    }
    return try SourceFiles(options: options, copy: copy, run: run).plan()
  }
}
