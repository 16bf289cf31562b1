internal import Dimensions
internal import Ledger
internal import Postgres
internal import Layouts
internal import OwnSchema

/// The single transaction of the target in which a part is replaced.
struct PartTransaction {
  let plan: PartialRestoration.Plan
  let definition: [SQL]
  let scratch: Connection
  let target: Connection
  let hooks: StageHooks

  private var part: PartialRestoration.Part { plan.part }
  private var table: PartTable {
    PartTable(name: part.table, condition: part.condition, scratch: scratch, target: target)
  }
  private var ledger: PartLedger {
    PartLedger(table: part.table, condition: part.condition, scratch: scratch, target: target)
  }

  /// Replaces the part; where an error is thrown, the part is unchanged.
  func run() throws -> PartialRestoration.Outcome {
    let hasStores = try ledger.isThere()
    if hasStores {
      try ledger.check()
      for statement in definition.prefix(1) { try target.execute(script: statement) }
      try FerrySchema.install(on: target)
    }
    let isRecorded = try FerrySchema.installedVersion(on: target) > 0
    let outcome = try target.transaction(.repeatableRead) {
      // The snapshot is taken after the locks, so that it includes all rows that other sessions
      // wrote before.
      try target.query("SET LOCAL lock_timeout = '60s'")
      if isRecorded {
        try target.query("LOCK TABLE vector_ferry.stores IN SHARE ROW EXCLUSIVE MODE")
      }
      if plan.makesTable {
        try makeTable()
      } else {
        try target.query("LOCK TABLE \(part.table) IN SHARE ROW EXCLUSIVE MODE")
      }
      try refuseOtherModel()
      let removals = try RowRemovals(on: target)
      try removeExisting()
      let stores = isRecorded ? try ledger.copy() : 0
      let rows = try table.copy()
      if part.isWholeTable { try table.moveSequences() }
      try refuseOthers(removals)
      hooks.reached(.partCopied)
      return PartialRestoration.Outcome(rows: rows, stores: stores)
    }
    return outcome
  }

  private func makeTable() throws {
    guard try !table.isInTarget() else {
      throw Failure(
        .preflight, "\(part.table) was created meanwhile", remedy: "run again")
    }
    do {
      for statement in definition { try target.execute(script: statement) }
      try target.query("SET LOCAL row_security = off")
    } catch {
      guard let refused = error.serverError else { throw error }
      throw Failure(
        .preflight, "\(part.table) cannot be created in \(plan.database): \(refused)",
        remedy:
          "create what the table needs in that database, or restore the whole dump into another "
          + "database"
      )
    }
  }

  /// Refuses where triggers or rules have deleted rows of tables that are not in the part.
  private func refuseOthers(_ removals: RowRemovals) throws {
    try target.fireDeferred()
    let own: Int? = try target.scalar(
      """
      SELECT coalesce(pg_partition_root(oid), oid)::oid FROM pg_class
      WHERE oid = to_regclass(\(part.table.quoted))
      """)
    let lost = try removals.rows(except: own.map { [$0] } ?? [])
    guard !lost.isEmpty else { return }
    throw Failure(
      .preflight,
      "rows of other tables would be deleted by triggers or rules of \(part.table): "
        + lost.map(\.description).joined(separator: "; "),
      remedy:
        "disable the triggers and rules while this command runs (ALTER TABLE … DISABLE TRIGGER "
        + "…), or restore the whole dump into another database with --into NAME")
  }

  /// Refuses where the target and the dump have vectors of two different models, which cannot be
  /// compared.
  private func refuseOtherModel() throws {
    guard let there = try? VectorTable.find(part.table, on: target),
      let dumped = try? VectorTable.find(part.table, on: scratch),
      try ReembeddedTable(there, on: target) != ReembeddedTable(dumped, on: scratch)
    else { return }
    throw Failure(
      .preflight,
      "the texts of \(part.table) were embedded again in only one of the target and the dump: "
        + "vectors of two models would be mixed",
      remedy: "restore the whole dump into another database with --into NAME")
  }

  /// Deletes the rows that the plan counts; throws where these rows have changed.
  private func removeExisting() throws {
    let (rows, digest) = try table.existingRows()
    guard rows == plan.replacedRows, digest == plan.replacedDigest else {
      throw Failure(
        .preflight,
        "\(part.description) have changed in \(plan.database) since the plan was made",
        remedy: "run again, so that the present rows are dumped before they are replaced")
    }
    guard rows > 0 else { return }
    let others = try table.referringTables()
    guard others.isEmpty else {
      throw Failure(
        .preflight,
        "\(others.joined(separator: ", ")) refer\(others.count == 1 ? "s" : "") to \(part.table): "
          + "rows that they refer to are not deleted",
        remedy: "restore the whole dump into another database with --into NAME")
    }
    try target.asApplication {
      try target.query("DELETE FROM \(part.table) t WHERE \(part.condition)")
    }
  }
}
