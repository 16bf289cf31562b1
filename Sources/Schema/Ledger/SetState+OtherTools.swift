internal import MigrationFiles
internal import OwnSchema
internal import Postgres
internal import ToolLedgers

extension SetState {
  /// Throws where another tool, which the folder's files are written for, has applied these
  /// migrations in this database: applying them again would fail or repeat changes.
  ///
  /// Does not throw once the ledger has a row of the set, because the operator has then recorded
  /// the applied migrations.
  func refuseAppliedElsewhere(on connection: Connection) throws {
    guard !set.isBundled, applied.isEmpty,
      let found = try ToolLedger.find(for: set.forms, on: connection), let last = found.records.last
    else { return }
    let what =
      found.listsNewestOnly
      ? "the folder's migrations are applied"
      : "\(found.records.count) of the folder's "
        + "migrations are applied"
    throw SchemaError(
      "\(found.name) in this database, the ledger of \(found.tool.name), says that \(what), up to "
        + "\(last.version ?? last.name ?? ""), but this program's ledger lists none of them",
      remedy:
        "mark these migrations with schema adopt or schema baseline, then run schema up; or "
        + "continue with \(found.tool.name); --force applies all of them again")
  }
}
