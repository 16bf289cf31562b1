/// The migrations of one system, in the order of their versions, and the checks that go with them.
public struct MigrationSet: Sendable, Equatable {
  /// The name that the ledger keeps: a bundled set's, or the folder's.
  public let name: String
  /// What it is about, one line.
  public let summary: String
  /// The migrations, oldest first.
  public let migrations: [SQLMigration]
  /// The checks of `verify.sql`; empty where the set has none.
  let checks: [SchemaCheck]
  /// True for the sets that the program brings along.
  public let isBundled: Bool
  /// The folder that was read; nil for a bundled set.
  public let directory: String?

  private init(copy other: MigrationSet, name: String) {
    self.name = name
    summary = other.summary
    migrations = other.migrations
    checks = other.checks
    isBundled = other.isBundled
    directory = other.directory
  }

  /// The same set under another name in the ledger.
  public func named(_ name: String) -> MigrationSet { MigrationSet(copy: self, name: name) }

  /// Those that `up` applies by itself.
  public var regular: [SQLMigration] { migrations.filter { !$0.isSingly } }

  /// The migration that a word names: a version, a name or both.
  public func migration(named word: String) throws(SchemaError) -> SQLMigration {
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
  /// One file as it was found.
  struct File {
    let name: String
    let path: String
    let bytes: [UInt8]
  }

  /// Makes a set of files; each must have a name that says its version.
  init(name: String, summary: String, files: [File], isBundled: Bool, directory: String?)
    throws(SchemaError)
  {
    self.name = name
    self.summary = summary
    self.isBundled = isBundled
    self.directory = directory
    var checks: [SchemaCheck] = []
    var drafts: [String: Draft] = [:]
    for file in files.sorted(by: { $0.name < $1.name }) where file.name.hasSuffix(".sql") {
      let text = try MigrationText(file.bytes, file: file.path)
      if file.name == "verify.sql" {
        checks = try SchemaCheck.read(text, file: file.path)
        continue
      }
      guard let parts = MigrationFileName(file.name) else {
        throw SchemaError(
          "\(file.path) has no name of a migration",
          remedy: "call it NUMBER_NAME.sql, or move it out of the folder")
      }
      try Self.add(text, of: file, parts, mayInstall: isBundled, to: &drafts)
    }
    self.checks = checks
    try Self.refuseSplitPairs(Array(drafts.values))
    migrations = try drafts.values.map { draft throws(SchemaError) in try draft.migration() }
      .sorted { versionPrecedes($0.version, $1.version) }
    for (one, next) in zip(migrations, migrations.dropFirst())
    where versionsEqual(one.version, next.version) {
      throw SchemaError(
        "\(one.up.file) and \(next.up.file) have one and the same version",
        remedy: "give one of them another number")
    }
  }

  /// A migration while its one or two files are read.
  private struct Draft {
    let file: String
    let version: String
    let name: String
    var content = MigrationParser.Content()
    var hashed: [(way: Int, bytes: [UInt8])] = []

    func migration() throws(SchemaError) -> SQLMigration {
      guard let up = content.up else {
        throw SchemaError(
          "\(file) has no way up", remedy: "write -- migrate:up, or add \(version)_\(name).up.sql")
      }
      let bytes = hashed.sorted { $0.way < $1.way }.flatMap(\.bytes)
      return SQLMigration(
        version: version, name: name, up: up, down: content.down, checksum: Checksum(of: bytes),
        isSingly: content.isSingly, advisableWhen: content.advisableWhen)
    }
  }

  /// A pair belongs together by its whole name; one whose numbers are written differently is told
  /// apart from a file that lacks its other way.
  private static func refuseSplitPairs(_ drafts: [Draft]) throws(SchemaError) {
    for draft in drafts where draft.content.up == nil {
      let other = drafts.first {
        $0.content.up != nil && $0.content.down == nil && $0.name == draft.name
          && versionsEqual($0.version, draft.version)
      }
      guard let other else { continue }
      throw SchemaError(
        "\(other.file) and \(draft.file) write one and the same number in two ways",
        remedy: "call the second \(other.version)_\(other.name).down.sql")
    }
  }

  private static func add(
    _ text: MigrationText, of file: File, _ parts: MigrationFileName, mayInstall: Bool,
    to drafts: inout [String: Draft]
  ) throws(SchemaError) {
    let key = "\(parts.version)_\(parts.name)"
    var draft =
      drafts[key] ?? Draft(file: file.path, version: parts.version, name: parts.name)
    let parser = MigrationParser(file: file.path, mayInstall: mayInstall)
    let content = try parser.content(of: text, way: parts.way)
    guard draft.content.up == nil || content.up == nil,
      draft.content.down == nil || content.down == nil
    else {
      throw SchemaError(
        "\(file.path): this way of \(key) is already in another file",
        remedy: "keep one file, or a pair .up.sql and .down.sql")
    }
    draft.content.up = content.up ?? draft.content.up
    draft.content.down = content.down ?? draft.content.down
    draft.content.isSingly = draft.content.isSingly || content.isSingly
    draft.content.advisableWhen = content.advisableWhen ?? draft.content.advisableWhen
    draft.hashed.append((parts.way == .down ? 1 : 0, text.bytes))
    drafts[key] = draft
  }
}
