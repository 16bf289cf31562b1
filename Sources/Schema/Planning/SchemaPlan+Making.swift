internal import MigrationFiles
internal import OwnSchema

extension SchemaPlan {
  /// Plans the steps for a request; throws where a run of the request must not start.
  init(_ request: SchemaRequest, state: SetState, options: SchemaOptions) throws(SchemaError) {
    self.init(steps: [], warnings: [])
    switch request {
    case .up(let extent):
      if state.set.migrations.isEmpty {
        throw SchemaError(
          "there is no .sql file in \(state.set.directory ?? state.set.name)",
          remedy: "name the folder of the migrations with --dir")
      }
      try checkFiles(state, options)
      steps = try Self.ups(state.pending, state: state, extent, options)
    case .down(let extent):
      steps = try Self.downs(state, extent, options)
      try checkFiles(state, options)
    case .redo:
      let last = try Self.downs(state, .steps(1), options)
      steps = try last + Self.again(last, state: state)
      try checkFiles(state, options)
    case .refresh:
      steps = try Self.refreshing(state, options)
      try checkFiles(state, options)
    case .apply(let names):
      for name in names {
        let migration = try state.set.migration(named: name)
        if steps.contains(where: { $0.version == migration.version }) { continue }
        if let step = try Self.single(migration, state: state, options) {
          steps.append(step)
        } else {
          warnings.append("\(migration.fullName) is applied already")
        }
      }
    case .applyAdvisable:
      // The runner checks each condition and then applies the migrations by name.
      break
    case .revert(let name):
      steps = [try Self.reversal(of: name, state: state, options)]
    }
  }

  // MARK: Files against the ledger

  private mutating func checkFiles(_ state: SetState, _ options: SchemaOptions)
    throws(SchemaError)
  {
    let newest = state.set.newestVersion
    for migration in state.migrations {
      switch migration.kind {
      case .changed:
        guard let file = migration.migration, let row = migration.row else { continue }
        // Only the down part has changed, and this run executes it: the migration's row is removed.
        if isUndone(file), try row.matches(file) { continue }
        guard options.force else { throw Self.changed(file, row) }
        accepted.append(file)
        warnings.append(
          "\(file.fullName) has changed since it was applied; --force allows that")
      case .missing:
        let text = "\(migration.version) \(migration.description) is applied and has no file"
        if let newest, versionPrecedes(migration.version, newest), !options.force {
          throw SchemaError(
            text, remedy: "restore the file, or continue without the file with --force")
        }
        warnings.append(text)
      case .halfWay(_, let done, let count) where migration.migration == nil:
        let text =
          "\(migration.version) \(migration.description) stopped after \(done) of its \(count) "
          + "statements and has no file"
        guard options.force else {
          throw SchemaError(
            text,
            remedy:
              "restore the file and finish the migration, or continue without the file with "
              + "--force")
        }
        warnings.append(text)
      default: break
      }
    }
  }

  private static func ranBothWays(_ file: SQLMigration) -> SchemaError {
    SchemaError(
      "\(file.up.file) was applied by an earlier version of this program, which ran the file's "
        + "down part after its up part",
      remedy:
        "check which objects of the migration are in the database; then delete the migration's "
        + "row from schema_migrations and run schema up, or continue with --force"
    )
  }

  private func isUndone(_ file: SQLMigration) -> Bool {
    steps.contains { !$0.isUp && versionsEqual($0.version, file.version) }
  }

  static func changed(_ file: SQLMigration, _ row: LedgerRow) -> SchemaError {
    if row.ranBothWays(of: file) { return ranBothWays(file) }
    let applied = row.acceptedChecksum ?? row.checksum
    let name = row.description == file.description ? "" : ", under the name of \(row.description)"
    return SchemaError(
      "\(file.up.file) has changed since it was applied\(name): its checksum was "
        + "\(applied), now it is \(file.checksum)",
      remedy:
        "put the change into a migration of its own and restore the file, or continue with "
        + "--force (FORCE_MIGRATION=true), which is recorded"
    )
  }
}

extension LedgerRow {
  /// Returns true where the up part that was applied has the same statements as the up part in the
  /// file.
  func matches(_ file: SQLMigration) throws(SchemaError) -> Bool {
    guard !ranBothWays(of: file) else { return false }
    let applied = try MigrationParser.statements(of: upText, file: file.up.file)
    return applied.count == file.up.statements.count
      && SchemaPlan.isSame(applied, file.up.statements, through: applied.count)
  }

  /// Returns true where an earlier version of this program has executed the file's down part after
  /// its up part, and the file was not accepted with `--force` since.
  func ranBothWays(of file: SQLMigration) -> Bool {
    file.up.form.isSectioned && acceptedChecksum != file.checksum
      && MigrationParser.ranBothWays(upText, file: file.up.file)
  }
}
