internal import MigrationFiles
internal import OwnSchema
internal import SQLText

extension SchemaPlan {
  static func ups(
    _ pending: [MigrationState], state: SetState, _ extent: SchemaExtent, _ options: SchemaOptions
  ) throws(SchemaError) -> [Step] {
    if let reverting = state.migrations.first(where: \.isHalfReverted) {
      throw SchemaError(
        "\(reverting.version) \(reverting.description) is half undone",
        remedy: "finish undoing with schema down --steps 1, then run schema up")
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
          remedy: "give the migration a later number, or apply it now with --allow-out-of-order")
      }
      guard let file = migration.migration else { continue }
      steps.append(try step(up: file, row: migration.row, options))
    }
    return steps
  }

  /// Returns the step that applies a migration; the step continues after the statements that an
  /// earlier run has executed.
  private static func step(up file: SQLMigration, row: LedgerRow?, _ options: SchemaOptions)
    throws(SchemaError) -> Step
  {
    // A repeatable migration begins again, unless it stopped after some statements.
    let isAgain = file.isRepeatable && row?.isApplied == true
    let done = isAgain ? 0 : row?.statementsDone ?? 0
    if let row, row.checksum != file.checksum, done > 0 {
      // A corrected file may be continued, as long as its executed statements are unchanged.
      let earlier = try MigrationParser.statements(of: row.upText, file: file.up.file)
      guard isSame(earlier, file.up.statements, through: done) || options.force else {
        throw SchemaError(
          "\(file.up.file) stopped after \(done) statements, and these statements have changed "
            + "since",
          remedy:
            "restore the first \(done) statements of the file; change only what comes after them")
      }
    }
    try refuseRepeating(file.up, done: done)
    guard !file.up.isBlank else {
      throw SchemaError(
        "\(file.up.file) has an empty up migration, and would count as applied",
        remedy:
          "write the statements of the up migration, or a comment that says why there are none")
    }
    return Step(
      isUp: true, version: file.version, description: file.description, section: file.up,
      migration: file, done: done)
  }

  /// Returns true where the first `done` statements of both lists are the same, with the same data
  /// for COPY.
  static func isSame(_ one: [SQLStatement], _ other: [SQLStatement], through done: Int) -> Bool {
    one.count >= done && other.count >= done
      && zip(one.prefix(done), other).allSatisfy {
        $0.text == $1.text && $0.copyData == $1.copyData
      }
  }

  /// Throws where an earlier run has committed some statements of a section, but all statements of
  /// the section are in one transaction now: the committed statements would be executed again.
  static func refuseRepeating(_ section: MigrationSection, done: Int) throws(SchemaError) {
    guard done > 0, section.mode == .oneTransaction else { return }
    throw SchemaError(
      "\(section.file) stopped after \(done) statements, which were committed; the file as it is "
        + "now would run all statements in one transaction, and the committed ones a second time",
      remedy: "\(section.form.transactionAdvice), because the rest must not run in one transaction")
  }

  static func single(
    _ migration: SQLMigration, state: SetState, _ options: SchemaOptions
  ) throws(SchemaError) -> Step? {
    let row = state.migrations.first { $0.version == migration.version }?.row
    if let row, row.isApplied, !migration.isRepeatable { return nil }
    return try step(up: migration, row: row, options)
  }

  /// Returns the steps that apply the migrations again that `downs` undo, oldest first.
  static func again(_ downs: [Step], state: SetState) throws(SchemaError) -> [Step] {
    try downs.reversed().map { down throws(SchemaError) in
      guard let file = down.migration else {
        throw SchemaError(
          "\(down.version) \(down.description) has no file, so that it cannot be applied again",
          remedy: "restore the file")
      }
      return Step(
        isUp: true, version: file.version, description: file.description, section: file.up,
        migration: file, done: 0)
    }
  }

  /// Returns the steps that undo every migration, and then apply these and all pending migrations.
  static func refreshing(_ state: SetState, _ options: SchemaOptions) throws(SchemaError) -> [Step]
  {
    let downs = try downs(state, .all, options)
    let ups = try again(
      downs.filter { step in
        state.set.regular.contains { versionsEqual($0.version, step.version) }
      }, state: state)
    let pending = try self.ups(
      state.migrations.filter { state in
        if case .pending = state.kind { true } else { false }
      }, state: state, .all, options)
    return downs + (ups + pending).sorted { versionPrecedes($0.version, $1.version) }
  }
}

extension MigrationState {
  fileprivate var isHalfReverted: Bool {
    if case .halfWay(true, _, _) = kind { true } else { false }
  }
}
