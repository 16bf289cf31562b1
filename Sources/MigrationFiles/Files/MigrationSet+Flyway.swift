internal import SQLText
internal import OwnSchema

extension MigrationSet {
  /// Reads a folder of Flyway: numbered migrations in their order, then repeatable migrations.
  static func flyway(_ folder: MigrationFolder) throws(SchemaError) -> MigrationSet {
    let reader = FlywayFolder(folder: folder)
    try reader.refuseWhatIsNotRead()
    var checks: [SchemaCheck] = []
    if folder.has("verify.sql") {
      checks = try SchemaCheck.read(
        try folder.text("verify.sql"), file: "\(folder.path)/verify.sql")
    }
    return MigrationSet(
      name: folder.setName, migrations: try reader.migrations(), checks: checks,
      directory: folder.path, form: .flyway)
  }
}

/// The Flyway files of one folder.
private struct FlywayFolder {
  let folder: MigrationFolder

  private var names: [(file: String, name: FlywayName)] {
    folder.sqlNames.compactMap { file in FlywayName(file).map { (file, $0) } }
  }

  // MARK: What is there

  func refuseWhatIsNotRead() throws(SchemaError) {
    let known = names[0].file
    for file in folder.sqlNames where file != "verify.sql" && FlywayName(file) == nil {
      if isCallback(file) {
        throw SchemaError(
          "\(folder.path)/\(file) is a callback of Flyway, and would not be run",
          remedy: "put the statements of the file into a migration, or continue with Flyway")
      }
      throw SchemaError(
        "\(folder.path)/\(known) has a name in Flyway's form, \(folder.path)/\(file) has not",
        remedy: "keep the files of one tool in one folder")
    }
    for (file, name) in names where name.kind == .baseline {
      throw SchemaError(
        "\(folder.path)/\(file) is a baseline migration of Flyway, which is not read",
        remedy:
          "move the file out of the folder; if its work is already done, record that with schema "
          + "baseline \(name.version)"
      )
    }
    for entry in folder.entries where !entry.isDirectory {
      try refuseProgram(entry.name)
      try refuseSettings(entry.name)
    }
    for name in folder.folderNames { try refuseNested(name, depth: 0) }
  }

  private func isCallback(_ file: String) -> Bool {
    let events = ["before", "after", "createSchema", "beforeConnect"]
    return events.contains { file.hasPrefix($0) }
  }

  private func refuseProgram(_ name: String) throws(SchemaError) {
    let parts = name.split(separator: ".")
    guard let ending = parts.last, parts.count > 1,
      !["sql", "conf", "md", "txt"].contains(String(ending)),
      FlywayName(name.dropLast(ending.count) + "sql") != nil
    else { return }
    throw SchemaError(
      "\(folder.path)/\(name) is a migration of Flyway that is not SQL, and would be left out",
      remedy: "write the migration as SQL, or continue with Flyway")
  }

  /// Refuses migrations in subfolders: Flyway would read them, but this program does not.
  private func refuseNested(_ name: String, depth: Int) throws(SchemaError) {
    for entry in folder.entries(in: name) {
      let path = "\(name)/\(entry.name)"
      if FlywayName(entry.name) != nil {
        throw SchemaError(
          "\(folder.path)/\(path) is in a subfolder, which is not read",
          remedy: "put all migrations into one folder")
      }
      if entry.isDirectory, depth < 8 { try refuseNested(path, depth: depth + 1) }
    }
  }

  /// Refuses settings that make Flyway read the files in another way.
  private func refuseSettings(_ name: String) throws(SchemaError) {
    guard ["flyway.conf", "flyway.toml", "flyway.user.toml"].contains(name) else { return }
    let keys = [
      "sqlMigrationPrefix", "repeatableSqlMigrationPrefix", "undoSqlMigrationPrefix",
      "sqlMigrationSeparator", "sqlMigrationSuffixes", "placeholderReplacement",
      "placeholderPrefix", "placeholderSuffix", "executeInTransaction", "initSql",
    ]
    for (number, line) in try lines(of: name) {
      guard let key = keys.first(where: { line.contains($0) }) else { continue }
      throw SchemaError(
        "\(folder.path)/\(name):\(number): \(key) is a setting that is not supported",
        remedy: "write the files so that Flyway's own defaults hold, and remove the line")
    }
  }

  /// Lists the lines of a settings file with their numbers; empty lines and comments are left out.
  private func lines(of name: String) throws(SchemaError) -> [(number: Int, text: Substring)] {
    try folder.text(name).string.split(separator: "\n", omittingEmptySubsequences: false)
      .enumerated().map { ($0.offset + 1, $0.element.drop { $0 == " " || $0 == "\t" }) }
      .filter { !$0.1.isEmpty && $0.1.first != "#" }
  }

  // MARK: Migrations

  func migrations() throws(SchemaError) -> [SQLMigration] {
    var undos: [String: String] = [:]
    for (file, name) in names where name.kind == .undo {
      if let other = undos.updateValue(file, forKey: name.version) {
        throw sameVersion(other, file)
      }
    }
    var seen: [String: String] = [:]
    var found: [SQLMigration] = []
    for (file, name) in names where name.kind == .versioned || name.kind == .repeatable {
      if let other = seen.updateValue(file, forKey: name.version) {
        throw sameVersion(other, file)
      }
      let undo = name.kind == .versioned ? undos.removeValue(forKey: name.version) : nil
      found.append(try migration(file, name, undo: undo))
    }
    if let alone = undos.values.sorted().first {
      throw SchemaError(
        "\(folder.path)/\(alone) undoes a version that no V file has",
        remedy: "restore the V file, or move the U file out of the folder")
    }
    return found.sorted { versionPrecedes($0.version, $1.version) }
  }

  private func sameVersion(_ one: String, _ other: String) -> SchemaError {
    SchemaError(
      "\(folder.path)/\(one) and \(folder.path)/\(other) have the same version",
      remedy: "give one of the two files another number")
  }

  private func migration(_ file: String, _ name: FlywayName, undo: String?) throws(SchemaError)
    -> SQLMigration
  {
    let (up, text) = try section(file, way: .up)
    let down = try undo.map { file throws(SchemaError) in try section(file, way: .down) }
    let isRepeatable = name.kind == .repeatable
    return SQLMigration(
      version: name.version, name: name.name, up: up,
      down: isRepeatable ? .nothingToUndo(of: "\(folder.path)/\(file)") : down?.section,
      checksum: Checksum(of: text.bytes + (down?.text.bytes ?? [])), isByNameOnly: false,
      advisableWhen: nil,
      otherNames: [file, String(file.dropLast(".sql".count)), "V\(name.version)"],
      isRepeatable: isRepeatable)
  }

  private func section(_ file: String, way: MigrationFileName.Way) throws(SchemaError)
    -> (section: MigrationSection, text: MigrationText)
  {
    let path = "\(folder.path)/\(file)"
    let text = try folder.text(file)
    let settings = try self.settings(of: file)
    if settings.hasPlaceholders, let place = text.place(of: "${") {
      throw SchemaError(
        "\(path):\(place): Flyway would put a value in the place of this ${…}",
        remedy: "write the value itself; if ${…} is meant literally, write "
          + "placeholderReplacement=false into \(file).conf")
    }
    let parser = MigrationParser(file: path, mayInstall: false, folder: .flyway)
    let content = try parser.content(of: text, way: way)
    let mark = way == .up ? "up" : "down"
    guard let found = way == .up ? content.up : content.down else {
      throw SchemaError(
        "\(path) holds no statement", remedy: "write the statements of the migration")
    }
    guard settings.refusesTransaction else { return (found, text) }
    // The ledger stores the settings of the `.conf` file with the text.
    let section = MigrationSection(
      file: path, text: "-- migrate:\(mark) transaction:false\n\(found.text)",
      statements: found.statements, refusesTransaction: true, form: .flyway)
    return (section, text)
  }

  /// Reads the settings for one SQL file, which Flyway keeps in a file such as `V1__a.sql.conf`.
  private func settings(of file: String) throws(SchemaError)
    -> (refusesTransaction: Bool, hasPlaceholders: Bool)
  {
    var settings = (refusesTransaction: false, hasPlaceholders: true)
    let name = "\(file).conf"
    guard folder.has(name) else { return settings }
    for (number, line) in try lines(of: name) {
      switch line.filter({ $0 != " " && $0 != "\t" }) {
      case "executeInTransaction=false": settings.refusesTransaction = true
      case "executeInTransaction=true": settings.refusesTransaction = false
      case "placeholderReplacement=false": settings.hasPlaceholders = false
      case "placeholderReplacement=true": settings.hasPlaceholders = true
      default:
        throw SchemaError(
          "\(folder.path)/\(name):\(number): \(line) is a setting that is not supported",
          remedy:
            "remove the line; only executeInTransaction and placeholderReplacement are supported")
      }
    }
    return settings
  }
}
