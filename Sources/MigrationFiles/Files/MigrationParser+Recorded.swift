package import OwnSchema
package import SQLText

extension MigrationParser {
  /// Reads the statements of an up part from the text that the ledger has stored.
  package static func statements(of text: String, file: String) throws(SchemaError)
    -> [SQLStatement]
  {
    try recorded(text, file: file, way: .both).up?.statements ?? []
  }

  /// Reads a down part from the text that the ledger has stored.
  package static func section(of text: String, version: String) throws(SchemaError)
    -> MigrationSection
  {
    let file = "schema_migrations (\(version))"
    guard let down = try recorded(text, file: file, way: .down).down else {
      throw SchemaError("\(file) holds no down migration", remedy: "restore the migration's file")
    }
    return down
  }

  /// Returns true where an up part in the ledger also contains a down part in another tool's form.
  ///
  /// An earlier version of this program did not know such forms, and has executed both parts.
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
