package import OwnSchema
package import SQLText

/// Migrations that belong together, in the order of their versions, and the checks of their
/// results.
package struct MigrationSet: Sendable, Equatable {
  /// The name of the set in the ledger: the name of a bundled set, or of a folder.
  package let name: String
  /// The contents of a bundled set in a few words; empty for a folder.
  package let summary: String
  /// The migrations, in the order of their versions.
  package let migrations: [SQLMigration]
  /// The checks in `verify.sql`, or Sqitch's verify scripts; empty where there are none.
  package let checks: [SchemaCheck]
  /// True for a set that comes with the program.
  package let isBundled: Bool
  /// The folder that was read; nil for a bundled set.
  package let directory: String?
  /// The forms of the files.
  package let forms: Set<MigrationForm>
  /// The SQL files in subfolders, which are not read.
  var unreadFiles: [String] = []

  private init(copy other: MigrationSet, name: String) {
    self.name = name
    summary = other.summary
    migrations = other.migrations
    checks = other.checks
    isBundled = other.isBundled
    directory = other.directory
    forms = other.forms
    unreadFiles = other.unreadFiles
  }

  /// Creates a set from the files of one tool (Flyway or Sqitch).
  init(
    name: String, migrations: [SQLMigration], checks: [SchemaCheck], directory: String,
    form: MigrationForm
  ) {
    self.name = name
    summary = ""
    self.migrations = migrations
    self.checks = checks
    isBundled = false
    self.directory = directory
    forms = [form]
  }

  /// Returns the same set, with another name in the ledger.
  package func named(_ name: String) -> MigrationSet { MigrationSet(copy: self, name: name) }

  /// The migrations that `up` applies; those that are applied only when they are named are left
  /// out.
  package var regular: [SQLMigration] { migrations.filter { !$0.isByNameOnly } }

  /// The version of the newest numbered migration; nil where there are no numbered migrations.
  package var newestVersion: String? { migrations.last { !$0.isRepeatable }?.version }

  /// Finds the migration that `word` names, by its version, its name or both.
  package func migration(named word: String) throws(SchemaError) -> SQLMigration {
    let found = migrations.filter { $0.isNamed(word) }
    guard let only = found.first, found.count == 1 else {
      let names = migrations.map(\.fullName).joined(separator: ", ")
      throw SchemaError(
        found.isEmpty
          ? "set \(name) has no migration \(word)" : "\(word) names several migrations",
        remedy: migrations.isEmpty ? "the set is empty" : "name one of: \(names)")
    }
    return only
  }
}

extension MigrationSet {
  /// A file and its contents, before they are read as a migration.
  struct File {
    let name: String
    let path: String
    let bytes: [UInt8]
  }

  /// A file that shows that a folder belongs to a tool, such as `tern.conf`.
  struct ToolFile {
    let form: MigrationForm
    let path: String
  }

  /// Creates a set from files; the name of each file must contain its version.
  ///
  /// - Parameter toolFile: the file that shows to which tool the files without a mark belong; nil
  ///   where such files are plain SQL.
  init(
    name: String, summary: String, files: [File], isBundled: Bool, directory: String?,
    toolFile: ToolFile? = nil
  ) throws(SchemaError) {
    self.name = name
    self.summary = summary
    self.isBundled = isBundled
    self.directory = directory
    var checks: [SchemaCheck] = []
    var reader = FileReader(mayInstall: isBundled, toolFile: toolFile)
    for file in files.sorted(by: { $0.name < $1.name }) where file.name.hasSuffix(".sql") {
      let text = try MigrationText(file.bytes, file: file.path)
      if file.name == "verify.sql" {
        checks = try SchemaCheck.read(text, file: file.path)
      } else {
        try reader.add(text, of: file)
      }
    }
    self.checks = checks
    migrations = try reader.migrations()
    forms = reader.forms
  }
}

/// Reads the files of a folder in which every file's name contains its number.
private struct FileReader {
  let mayInstall: Bool
  /// The form of files without a mark.
  let unmarkedForm: MigrationForm
  private var drafts: [String: Draft] = [:]
  /// The first file of each form that was found; for a tool with a file of its own, that file.
  private var files: [MigrationForm: String] = [:]

  init(mayInstall: Bool, toolFile: MigrationSet.ToolFile?) {
    self.mayInstall = mayInstall
    unmarkedForm = toolFile?.form ?? .plain
    if let toolFile { files[toolFile.form] = toolFile.path }
  }

  /// The files that must contain no template of tern, if the folder turns out to be tern's.
  private var texts: [(path: String, text: MigrationText)] = []

  /// The forms of the files.
  var forms: Set<MigrationForm> { Set(files.keys) }

  /// A migration whose file, or one of whose two files, has been read.
  private struct Draft {
    let file: String
    let version: String
    let name: String
    var content = MigrationParser.Content()
    var hashed: [(way: Int, bytes: [UInt8])] = []

    func migration() throws(SchemaError) -> SQLMigration {
      guard let up = content.up else {
        throw SchemaError(
          "\(file) has no up migration",
          remedy: content.form.isOwn
            ? "write -- migrate:up, or add \(version)_\(name).up.sql"
            : "write \(content.form.upMark)")
      }
      let bytes = hashed.sorted { $0.way < $1.way }.flatMap(\.bytes)
      return SQLMigration(
        version: version, name: name, up: up, down: content.down, checksum: Checksum(of: bytes),
        isByNameOnly: content.isByNameOnly, advisableWhen: content.advisableWhen)
    }
  }

  // MARK: One file

  mutating func add(_ text: MigrationText, of file: MigrationSet.File) throws(SchemaError) {
    guard let parts = MigrationFileName(file.name, allowsHyphen: true) else {
      throw Self.unnamed(file)
    }
    let parser = MigrationParser(file: file.path, mayInstall: mayInstall)
    let content = try parser.content(of: text, way: parts.way)
    if MigrationFileName(file.name) == nil, !content.form.allowsHyphens { throw Self.unnamed(file) }
    let form = content.form == .plain ? unmarkedForm : content.form
    files[form] = files[form] ?? file.path
    if form == .tern || form == .plain { texts.append((file.path, text)) }
    try refuseMixture()
    try add(content, parts, text, of: file)
  }

  private static func unnamed(_ file: MigrationSet.File) -> SchemaError {
    if FlywayName(file.name.prefix(1).uppercased() + file.name.dropFirst()) != nil {
      return SchemaError(
        "\(file.path) begins with a small letter where Flyway wants a capital one",
        remedy: "rename the file, or move it out of the folder")
    }
    return SchemaError(
      "\(file.path) does not have the name of a migration",
      remedy: "call the file NUMBER_NAME.sql, or move it out of the folder")
  }

  /// Refuses a folder with files of several tools; some tools allow additional files without a
  /// mark.
  private func refuseMixture() throws(SchemaError) {
    guard let (foreign, file) = files.filter({ !$0.key.isOwn }).min(by: { $0.value < $1.value })
    else { return }
    for (form, other) in files.sorted(by: { $0.value < $1.value }) where form != foreign {
      if form == .plain, foreign.allowsPlainFiles { continue }
      if form == .plain {
        throw SchemaError(
          "\(other) does not say which part is up or down, and \(file) is written for "
            + "\(foreign.rawValue)",
          remedy: "write \(foreign.upMark) into \(other), or keep that file in another folder")
      }
      throw SchemaError(
        "\(file) is written for \(foreign.rawValue), and \(other) for \(form.rawValue)",
        remedy: "keep the files of one tool in one folder")
    }
  }

  private mutating func add(
    _ content: MigrationParser.Content, _ parts: MigrationFileName, _ text: MigrationText,
    of file: MigrationSet.File
  ) throws(SchemaError) {
    let key = "\(parts.version)_\(parts.name)"
    var draft =
      drafts[key] ?? Draft(file: file.path, version: parts.version, name: parts.name)
    guard draft.content.up == nil || content.up == nil,
      draft.content.down == nil || content.down == nil
    else {
      throw SchemaError(
        "\(file.path): this direction of \(key) is already in another file",
        remedy: "keep one file, or a pair .up.sql and .down.sql")
    }
    draft.content.form = content.form
    draft.content.up = content.up ?? draft.content.up
    draft.content.down = content.down ?? draft.content.down
    draft.content.isByNameOnly = draft.content.isByNameOnly || content.isByNameOnly
    draft.content.advisableWhen = content.advisableWhen ?? draft.content.advisableWhen
    draft.hashed.append((parts.way == .down ? 1 : 0, text.bytes))
    drafts[key] = draft
  }

  // MARK: All of them

  func migrations() throws(SchemaError) -> [SQLMigration] {
    try refuseSplitPairs()
    try refuseTemplates()
    let found = try drafts.values.map { draft throws(SchemaError) in try draft.migration() }
      .sorted { versionPrecedes($0.version, $1.version) }
    for (one, next) in zip(found, found.dropFirst()) where versionsEqual(one.version, next.version)
    {
      throw SchemaError(
        "\(one.up.file) and \(next.up.file) have the same version",
        remedy: "give one of the two files another number")
    }
    return found
  }

  private func refuseTemplates() throws(SchemaError) {
    guard files[.tern] != nil else { return }
    for (path, text) in texts {
      guard let place = text.place(of: "{{") else { continue }
      throw SchemaError(
        "\(path):\(place): tern would read this {{ as the beginning of a template",
        remedy: "write the value itself; if the text is SQL, put a space between the two braces")
    }
  }

  /// Refuses two files that seem to be a pair, but whose numbers are written differently.
  ///
  /// Two files are a pair only where their names are equal up to the direction. Without this check,
  /// the error would only say that the second file has no up migration.
  private func refuseSplitPairs() throws(SchemaError) {
    for draft in drafts.values where draft.content.up == nil {
      let other = drafts.values.first {
        $0.content.up != nil && $0.content.down == nil && $0.name == draft.name
          && versionsEqual($0.version, draft.version)
      }
      guard let other else { continue }
      throw SchemaError(
        "\(other.file) and \(draft.file) write the same number in two ways",
        remedy: "call the second \(other.version)_\(other.name).down.sql")
    }
  }
}
