package import OwnSchema
internal import SQLText

extension MigrationSet {
  /// Reads the migrations in a folder, in the form of the tool whose files it contains.
  ///
  /// Subfolders are ignored, except where a form puts its files there.
  package static func read(directory: String) throws(SchemaError) -> MigrationSet {
    let folder = try MigrationFolder(directory)
    if folder.has("sqitch.plan") { return try sqitch(folder) }
    try folder.refuseUnread()
    if folder.hasFile(DrizzleJournal.path) {
      try DrizzleJournal(of: folder).check()
    } else if folder.sqlNames.contains(where: { FlywayName($0) != nil }) {
      return try flyway(folder)
    }
    let files = try folder.sqlNames.map { name throws(SchemaError) in try folder.file(name) }
    var set = try MigrationSet(
      name: folder.setName, summary: "", files: files, isBundled: false, directory: directory,
      toolFile: folder.toolFile)
    set.unreadFiles = folder.unreadFiles
    return set
  }
}

extension MigrationFolder {
  /// The file, such as `tern.conf`, that shows which tool the folder belongs to even where its
  /// migrations have no mark; nil where there is no such file.
  var toolFile: MigrationSet.ToolFile? {
    let known: [(MigrationForm, String)] = [
      (.drizzle, DrizzleJournal.path), (.tern, "tern.conf"),
    ]
    return known.first { hasFile($0.1) }
      .map { MigrationSet.ToolFile(form: $0.0, path: "\(path)/\($0.1)") }
  }

  /// Refuses files that would otherwise be left out silently: files of tools that are not
  /// supported, and migrations that are programs.
  func refuseUnread() throws(SchemaError) {
    if let (tool, mark, remedy) = unreadTool {
      throw SchemaError(
        "\(path)/\(mark) belongs to \(tool), whose folders are not read", remedy: remedy)
    }
    for entry in entries where !entry.isDirectory {
      if Self.isProgram(entry.name) {
        throw SchemaError(
          "\(path)/\(entry.name) is a migration that is not SQL, and would be left out",
          remedy: "write the migration as SQL, or continue with the tool that runs it")
      }
      if entry.name.lowercased().hasSuffix(".sql"), !entry.name.hasSuffix(".sql") {
        throw SchemaError(
          "\(path)/\(entry.name) does not end in .sql in small letters, and would be left out",
          remedy: "rename the file, or move it out of the folder")
      }
      if Self.looksLikeSQL(entry.name) {
        throw SchemaError(
          "\(path)/\(entry.name) has the name of a migration and does not end in .sql, and would be "
            + "left out", remedy: "rename the file, or move it out of the folder")
      }
      if let tool = Self.tool(ofName: entry.name) {
        throw SchemaError(
          "\(path)/\(entry.name) has the name of a file of \(tool), whose files are not read",
          remedy:
            "call the file NUMBER_NAME.up.sql or NUMBER_NAME.down.sql, depending on its direction")
      }
    }
    try refuseWaysInNames()
  }

  private var unreadTool: (tool: String, mark: String, remedy: String)? {
    let rename = "name each file after its folder: NUMBER_NAME.sql, or .up.sql and .down.sql"
    let alembic = "let Alembic write the SQL: alembic upgrade head --sql > 1_NAME.sql"
    let changelog = entries.first { $0.name.hasPrefix("db.changelog") }
    if has("migration_lock.toml") { return ("Prisma", "migration_lock.toml", rename) }
    if has("up.sql") { return ("Diesel", "up.sql", rename) }
    if has("down.sql") { return ("Diesel", "down.sql", rename) }
    if has("alembic.ini") { return ("Alembic", "alembic.ini", alembic) }
    if has("sqitch.conf") {
      return ("Sqitch", "sqitch.conf", "name the folder that holds sqitch.plan with --dir")
    }
    if let name = changelog?.name {
      return ("Liquibase", name, "let Liquibase write the SQL: liquibase update-sql > 1_NAME.sql")
    }
    for name in folderNames where name.first?.isNumber == true {
      let inside = entries(in: name).map(\.name)
      if inside.contains("up.sql"), inside.contains("down.sql") {
        return ("Diesel", "\(name)/up.sql", rename)
      }
    }
    // In a folder that has SQL files itself, the following names may mean anything.
    guard sqlNames.isEmpty else { return nil }
    if has("env.py") { return ("Alembic", "env.py", alembic) }
    for name in folderNames {
      let inside = entries(in: name).map(\.name)
      if inside.contains("migration.sql") { return ("Prisma", "\(name)/migration.sql", rename) }
      if name.first?.isNumber == true, inside.contains("up.sql") {
        return ("Diesel", "\(name)/up.sql", rename)
      }
    }
    return nil
  }

  /// Refuses names such as `2_down.sql`, in which the direction is not written `.up.sql` or
  /// `.down.sql`: a down migration would be applied as an up migration.
  private func refuseWaysInNames() throws(SchemaError) {
    let stems = Set(sqlNames.map { $0.dropLast(".sql".count).lowercased().withoutNumber })
    for file in sqlNames where !file.hasSuffix(".up.sql") && !file.hasSuffix(".down.sql") {
      guard let way = Self.way(ofStem: String(file.dropLast(".sql".count)), among: stems) else {
        continue
      }
      throw SchemaError(
        "the name of \(path)/\(file) says that the file is a part, the \(way) migration, but the file "
          + "would be a whole migration",
        remedy:
          "call the file NUMBER_NAME.\(way).sql, with the number of its migration; if the file "
          + "is not part of a migration, give it a name that says what it does"
      )
    }
  }

  /// Finds the direction that a file's name seems to state; nil where it states none.
  ///
  /// The whole name or its ending may be the direction, or one of its words if a file of the other
  /// direction exists.
  private static func way(ofStem stem: String, among stems: Set<String>) -> String? {
    let name = stem.lowercased().withoutNumber
    let words = name.split { !$0.isLetter }.map(String.init)
    guard let first = words.first, let last = words.last else { return nil }
    func way(_ word: String) -> String? {
      word == "up" ? "up" : downWords.contains(word) ? "down" : nil
    }
    if words.count == 1 || name.hasSuffix(".\(last)"), let way = way(last) { return way }
    if way(last) == "down" {
      let rest = name.dropLast(last.count + 1)
      if stems.contains(where: { $0 == rest || $0 == "\(rest)_up" || $0 == "\(rest)-up" }) {
        return "down"
      }
    }
    if way(first) == "down" {
      let rest = name.dropFirst(first.count)
      if stems.contains("up\(rest)") { return "down" }
    }
    return nil
  }

  private static let downWords: Set = ["down", "dn", "rollback", "undo", "revert", "downgrade"]

  /// Returns true for a file such as `0002_seed.pgsql`, which contains SQL but has another ending.
  private static func looksLikeSQL(_ name: String) -> Bool {
    let isNumbered = name.first?.isNumber == true
    return isNumbered && [".pgsql", ".psql", ".ddl"].contains { name.lowercased().hasSuffix($0) }
  }

  /// The SQL files in subfolders, such as `more/2_b.sql`, which are not read.
  var unreadFiles: [String] {
    folderNames.flatMap { folder in
      entries(in: folder).map(\.name).filter { $0.lowercased().hasSuffix(".sql") }
        .map { "\(folder)/\($0)" }
    }
  }

  /// Returns true for a migration that is a program, such as `0002_seed.go` or `20240101_x.rb`.
  private static func isProgram(_ name: String) -> Bool {
    let endings = [
      "go", "js", "mjs", "cjs", "ts", "mts", "cts", "rb", "py", "php", "java", "kt", "kts", "cs",
      "ex", "exs", "rs", "sh",
    ]
    let parts = name.split(separator: ".")
    guard let ending = parts.last, parts.count > 1, endings.contains(String(ending)) else {
      return false
    }
    let digits = name.prefix { $0.isASCII && $0.isNumber }
    let next = name.dropFirst(digits.count).first
    return !digits.isEmpty && (next == "_" || next == "-" || next == ".")
  }

  /// Returns the name of the unsupported tool that names its files in this way; nil for other
  /// names.
  private static func tool(ofName name: String) -> String? {
    let lower = name.lowercased()
    guard name.first?.isNumber == true else { return nil }
    if lower.hasSuffix(".do.sql") || lower.hasSuffix(".undo.sql") { return "Postgrator" }
    let digits = lower.drop { $0.isNumber }
    if digits.hasPrefix(".do.") || digits.hasPrefix(".undo.") { return "Postgrator" }
    if lower.hasSuffix(".rollback.sql") { return "yoyo" }
    if lower.hasSuffix("-up.sql") || lower.hasSuffix("-down.sql") { return "db-migrate" }
    return nil
  }
}

extension String {
  /// The part of a migration file's name that follows the number.
  fileprivate var withoutNumber: String {
    String(drop { $0.isNumber }.drop { $0 == "_" || $0 == "-" || $0 == "." })
  }
}
