internal import SQLText
internal import MigrationFiles
internal import OwnSchema

extension SchemaPlan {
  static func downs(
    _ state: SetState, _ extent: SchemaExtent, _ options: SchemaOptions
  ) throws(SchemaError) -> [Step] {
    // A repeatable migration has no number and is no step of its own: it is undone together with
    // the first migration that has a number.
    let repeatables = state.applied.filter { $0.migration?.isRepeatable == true }
    let applied = state.applied.filter { $0.migration?.isRepeatable != true }
    var chosen: [MigrationState]
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
    if !chosen.isEmpty || extent == .all { chosen = repeatables + chosen }
    return try chosen.map { migration throws(SchemaError) in
      try reversal(of: migration, options)
    }
  }

  static func reversal(
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
    if found.migration?.isRepeatable == true {
      throw SchemaError(
        "\(name) is run again whenever it changes, and has no down migration",
        remedy:
          "change the file and run schema up, or write another migration that drops the "
          + "objects that the file has created")
    }
    if found.kind == .changed, !options.force, let file = found.migration, let row = found.row,
      try !row.matches(file)
    {
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
        "\(label) stopped in its up migration after \(row.statementsDone) of \(row.statements) "
          + "statements",
        remedy:
          "finish the migration with schema up; or undo the executed statements with --force, if "
          + "its down migration can do that"
      )
    }
    let done = row.state == .reverting ? row.statementsDone : 0
    if let file = found.migration {
      guard let down = file.down else {
        throw SchemaError("\(file.up.file) has no down migration", remedy: file.up.form.downAdvice)
      }
      if done > 0 {
        try refuseRepeating(down, done: done)
        let earlier = try row.downText.map { text throws(SchemaError) in
          try MigrationParser.section(of: text, version: row.version).statements
        }
        guard options.force || isSame(earlier ?? [], down.statements, through: done) else {
          throw SchemaError(
            "\(label) stopped in its down migration after \(done) statements, and these "
              + "statements have changed since",
            remedy:
              "restore the first \(done) statements of its down migration; change only what comes "
              + "after them")
        }
      }
      return Step(
        isUp: false, version: row.version, description: file.description, section: down,
        migration: file, done: done)
    }
    guard let text = row.downText else {
      throw SchemaError("\(label) has no file and no down migration", remedy: "restore the file")
    }
    let section = try MigrationParser.section(of: text, version: row.version)
    return Step(
      isUp: false, version: row.version, description: row.description, section: section,
      migration: nil, done: done)
  }
}
