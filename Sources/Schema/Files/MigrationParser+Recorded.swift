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
