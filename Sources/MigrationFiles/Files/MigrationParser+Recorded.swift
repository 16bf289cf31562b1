package import OwnSchema
package import SQLText

extension MigrationParser {
  /// The statements of a way up that the ledger has kept.
  package static func statements(of text: String, file: String) throws(SchemaError)
    -> [SQLStatement]
  {
    try recorded(text, file: file, way: .both).up?.statements ?? []
  }

  /// A way down that the ledger has kept.
  package static func section(of text: String, version: String) throws(SchemaError)
    -> MigrationSection
  {
    let file = "schema_migrations (\(version))"
    guard let down = try recorded(text, file: file, way: .down).down else {
      throw SchemaError("\(file) holds no way down", remedy: "restore the migration's file")
    }
    return down
  }

  /// True where a way up that the ledger has kept holds a way down of another tool's form as well:
  /// an earlier program knew no such form, and ran both.
  package static func ranBothWays(_ text: String, file: String) -> Bool {
    let marks = ["+goose", "+GOOSE", "+migrate", "drop below", "igration", "IGRATION"]
    guard marks.contains(where: text.contains) else { return false }
    let content = try? recorded(text, file: file, way: .both)
    return content.map { $0.form.isSectioned && $0.down?.statements.isEmpty == false } ?? false
  }

  private static func recorded(_ text: String, file: String, way: MigrationFileName.Way)
    throws(SchemaError) -> Content
  {
    let parser = MigrationParser(file: file, mayInstall: true, isRecorded: true)
    return try parser.content(of: MigrationText(Array(text.utf8), file: file), way: way)
  }
}
