extension SchemaPlan {
  /// Decides what a request comes to; refuses what must not go on.
  init(_ request: SchemaRequest, state: SetState, options: SchemaOptions) throws(SchemaError) {
    self.init(steps: [], warnings: [])
    switch request {
    case .up(let extent):
      try checkFiles(state, options)
      steps = try Self.ups(state.pending, state: state, extent, options)
    case .down(let extent):
      try checkFiles(state, options)
      steps = try Self.downs(state, extent, options)
    case .redo:
      try checkFiles(state, options)
      let last = try Self.downs(state, .steps(1), options)
      steps = try last + Self.again(last, state: state)
    case .refresh:
      try checkFiles(state, options)
      let downs = try Self.downs(state, .all, options)
      let ups = try Self.again(
        downs.filter { step in
          state.set.regular.contains { versionsEqual($0.version, step.version) }
        }, state: state)
      let pending = try Self.ups(
        state.migrations.filter { state in
          if case .pending = state.kind { true } else { false }
        }, state: state, .all, options)
      steps = downs + (ups + pending).sorted { versionPrecedes($0.version, $1.version) }
    case .apply(let names):
      for name in names {
        let migration = try state.set.migration(named: name)
        if let step = try Self.single(migration, state: state, options) {
          steps.append(step)
        } else {
          warnings.append("\(migration.fullName) is applied already")
        }
      }
    case .applyAdvisable:
      // The runner asks each condition and then applies by name.
      break
    case .revert(let name):
      steps = [try Self.reversal(of: name, state: state, options)]
    }
  }

  // MARK: Files against the ledger

  private mutating func checkFiles(_ state: SetState, _ options: SchemaOptions)
    throws(SchemaError)
  {
    let newest = state.set.migrations.last?.version
    for migration in state.migrations {
      switch migration.kind {
      case .changed:
        guard let file = migration.migration, let row = migration.row else { continue }
        guard options.force else { throw Self.changed(file, row) }
        accepted.append(file)
        warnings.append(
          "\(file.fullName) has changed since it was applied; --force lets it pass")
      case .missing:
        let text = "\(migration.version) \(migration.description) is applied and has no file"
        if let newest, versionPrecedes(migration.version, newest), !options.force {
          throw SchemaError(
            text, remedy: "restore the file, or go on over it with --force")
        }
        warnings.append(text)
      default: break
      }
    }
  }

  private static func changed(_ file: SQLMigration, _ row: LedgerRow) -> SchemaError {
    let applied = row.acceptedChecksum ?? row.checksum
    return SchemaError(
      "\(file.up.file) has changed since it was applied: its checksum was "
        + "\(applied), now it is \(file.checksum)",
      remedy: "put the change into a migration of its own and restore the file, or go on with "
        + "--force (FORCE_MIGRATION=true), which is recorded")
  }

  // MARK: Up

  private static func ups(
    _ pending: [MigrationState], state: SetState, _ extent: SchemaExtent, _ options: SchemaOptions
  ) throws(SchemaError) -> [Step] {
    if let reverting = state.migrations.first(where: \.isHalfReverted) {
      throw SchemaError(
        "\(reverting.version) \(reverting.description) is half undone",
        remedy: "finish it with schema down --steps 1, then go up")
    }
    var chosen = pending
    switch extent {
    case .all, .batch: break
    case .steps(let count): chosen = Array(pending.prefix(count))
    case .to(let word):
      let target = try state.set.migration(named: word).version
      chosen = pending.filter { !versionPrecedes(target, $0.version) }
    }
    var steps: [Step] = []
    for migration in chosen {
      if case .outOfOrder(let newest) = migration.kind, !options.allowsOutOfOrder {
        throw SchemaError(
          "\(migration.version) \(migration.description) is pending, though the later \(newest) "
            + "has been applied",
          remedy: "give it a later number, or apply it now with --allow-out-of-order")
      }
      guard let file = migration.migration else { continue }
      steps.append(try step(up: file, row: migration.row, options))
    }
    return steps
  }

  /// The way up of a migration, from where an earlier run stopped.
  private static func step(up file: SQLMigration, row: LedgerRow?, _ options: SchemaOptions)
    throws(SchemaError) -> Step
  {
    let done = row?.statementsDone ?? 0
    if let row, row.checksum != file.checksum, done > 0 {
      // A mended file may go on, as long as what has been done stands in it unchanged.
      let earlier = try MigrationParser.statements(of: row.upText, file: file.up.file)
      let isSame = earlier.prefix(done).map(\.text) == file.up.statements.prefix(done).map(\.text)
      guard isSame || options.force else {
        throw SchemaError(
          "\(file.up.file) stopped after \(done) statements, and those have changed since",
          remedy: "restore its first \(done) statements; change only what comes after them")
      }
    }
    return Step(
      isUp: true, version: file.version, description: file.description, section: file.up,
      migration: file, done: done)
  }

  private static func single(
    _ migration: SQLMigration, state: SetState, _ options: SchemaOptions
  ) throws(SchemaError) -> Step? {
    let row = state.migrations.first { $0.version == migration.version }?.row
    if let row, row.isApplied { return nil }
    return try step(up: migration, row: row, options)
  }

  /// Applies again what has just been undone, oldest first.
  private static func again(_ downs: [Step], state: SetState) throws(SchemaError) -> [Step] {
    try downs.reversed().map { down throws(SchemaError) in
      guard let file = down.migration else {
        throw SchemaError(
          "\(down.version) \(down.description) has no file to be applied from again",
          remedy: "restore the file")
      }
      return Step(
        isUp: true, version: file.version, description: file.description, section: file.up,
        migration: file, done: 0)
    }
  }

  // MARK: Down

  private static func downs(
    _ state: SetState, _ extent: SchemaExtent, _ options: SchemaOptions
  ) throws(SchemaError) -> [Step] {
    let applied = state.applied
    let chosen: [MigrationState]
    switch extent {
    case .all: chosen = applied
    case .batch:
      let last = applied.first?.row?.batch
      chosen = applied.filter { $0.row?.batch == last }
    case .steps(let count): chosen = Array(applied.prefix(count))
    case .to(let word):
      let target = try state.set.migration(named: word).version
      guard applied.contains(where: { versionsEqual($0.version, target) }) else {
        throw SchemaError("\(word) is not applied", remedy: "see schema status")
      }
      chosen = applied.filter { versionPrecedes(target, $0.version) }
    }
    return try chosen.map { migration throws(SchemaError) in
      try reversal(of: migration, options)
    }
  }

  private static func reversal(
    of name: String, state: SetState, _ options: SchemaOptions
  ) throws(SchemaError) -> Step {
    let found = state.migrations.first {
      $0.migration?.isNamed(name) ?? versionsEqual($0.version, name)
    }
    guard let found else {
      _ = try state.set.migration(named: name)
      throw SchemaError("\(name) is not known", remedy: "see schema status")
    }
    guard found.isInDatabase else {
      throw SchemaError("\(name) is not applied", remedy: "see schema status")
    }
    if found.kind == .changed, !options.force, let file = found.migration, let row = found.row {
      throw changed(file, row)
    }
    return try reversal(of: found, options)
  }

  private static func reversal(of found: MigrationState, _ options: SchemaOptions)
    throws(SchemaError) -> Step
  {
    let label = "\(found.version) \(found.description)"
    guard let row = found.row else {
      throw SchemaError("\(label) is not applied", remedy: "see schema status")
    }
    if row.state == .applying, !options.force {
      throw SchemaError(
        "\(label) stopped on its way up after \(row.statementsDone) of \(row.statements) statements",
        remedy: "finish it with schema up; or undo what is there with --force, if its way down "
          + "can cope with that")
    }
    let done = row.state == .reverting ? row.statementsDone : 0
    if let file = found.migration {
      guard let down = file.down else {
        throw SchemaError("\(file.up.file) has no way down", remedy: "write -- migrate:down")
      }
      return Step(
        isUp: false, version: row.version, description: file.description, section: down,
        migration: file, done: done)
    }
    guard let text = row.downText else {
      throw SchemaError("\(label) has no file and no way down", remedy: "restore the file")
    }
    let section = try MigrationParser.section(of: text, version: row.version)
    return Step(
      isUp: false, version: row.version, description: row.description, section: section,
      migration: nil, done: done)
  }
}

extension MigrationState {
  fileprivate var isHalfReverted: Bool {
    if case .halfWay(true, _, _) = kind { true } else { false }
  }
}

extension MigrationParser {
  /// The statements of a way up that the ledger has kept.
  static func statements(of text: String, file: String) throws(SchemaError) -> [SQLStatement] {
    let parser = MigrationParser(file: file, mayInstall: true)
    let content = try parser.content(of: MigrationText(Array(text.utf8), file: file), way: .both)
    return content.up?.statements ?? []
  }

  /// A way down that the ledger has kept.
  static func section(of text: String, version: String) throws(SchemaError) -> MigrationSection {
    let file = "schema_migrations (\(version))"
    let hasMark = text.hasPrefix("-- migrate:down") || text.contains("\n-- migrate:down")
    let parser = MigrationParser(file: file, mayInstall: true)
    let content = try parser.content(
      of: MigrationText(Array(text.utf8), file: file), way: hasMark ? .both : .down)
    guard let down = content.down else {
      throw SchemaError("\(file) holds no way down", remedy: "restore the migration's file")
    }
    return down
  }
}
