internal import JSON
internal import OwnSchema

/// The list of migrations, in their order, that Drizzle keeps in `meta/_journal.json`.
///
/// Drizzle runs exactly the files in this list, in the order of the list.
struct DrizzleJournal {
  /// The path of Drizzle's journal in a folder of migrations.
  static let path = "meta/_journal.json"

  /// The names of the migrations' files, in the order in which Drizzle runs them.
  let files: [String]
  private let folder: MigrationFolder

  /// Reads Drizzle's journal of a folder.
  init(of folder: MigrationFolder) throws(SchemaError) {
    self.folder = folder
    let text = try folder.file(Self.path)
    let tags = JSONValue(parsing: text.bytes)?["entries"]?.arrayValue?.map {
      $0["tag"]?.stringValue
    }
    guard let tags, let names = tags as? [String] else {
      throw SchemaError(
        "\(text.path) is not a journal of Drizzle: a list of entries, each with a tag, is expected",
        remedy:
          "let drizzle-kit write the journal again, or remove it if the folder is not Drizzle's")
    }
    files = names.map { "\($0).sql" }
  }

  /// Refuses a folder whose SQL files are not exactly those in Drizzle's journal, or whose numbers
  /// are in another order.
  func check() throws(SchemaError) {
    let journal = "\(folder.path)/\(Self.path)"
    for (place, file) in files.enumerated() where files[..<place].contains(file) {
      throw SchemaError(
        "\(journal) lists \(file) twice", remedy: "let drizzle-kit write the journal again")
    }
    for file in files where !folder.has(file) {
      throw SchemaError(
        "\(journal) lists \(file), which is not in the folder",
        remedy: "bring the file back, or let drizzle-kit drop the migration")
    }
    for file in folder.sqlNames where file != "verify.sql" && !files.contains(file) {
      throw SchemaError(
        "\(folder.path)/\(file) is not in \(Self.path): Drizzle does not run that file",
        remedy: "move the file out of the folder, or add it with drizzle-kit generate --custom")
    }
    for (file, next) in zip(files, files.dropFirst()) {
      guard let version = MigrationFileName(file, allowsHyphen: true)?.version,
        let nextVersion = MigrationFileName(next, allowsHyphen: true)?.version,
        !versionPrecedes(version, nextVersion)
      else { continue }
      throw SchemaError(
        "\(journal) lists \(file) before \(next), but their numbers are in another order",
        remedy: "number the files in the order of the journal, in their names and in the journal")
    }
  }
}
