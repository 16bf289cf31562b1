/// One migration of a set, read from one file or from a pair of files.
package struct SQLMigration: Sendable, Equatable {
  /// The number or timestamp in the file's name.
  ///
  /// For a repeatable migration, the file's name without `.sql`; for a change of Sqitch, its place
  /// in the plan.
  package let version: String
  /// The part of the file's name after the number: `add_vector_extension`.
  package let name: String
  /// The statements that apply the migration.
  package let up: MigrationSection
  /// The statements that undo the migration; nil where there are none.
  package let down: MigrationSection?
  /// The SHA-256 of the file, or of both files of a pair.
  package let checksum: Checksum
  /// True for a migration that `up` leaves out; it is applied only when it is named.
  package let isByNameOnly: Bool
  /// The query whose result is true where the migration is advisable now; nil where the file has no
  /// such query.
  package let advisableWhen: String?
  /// Other names by which the operator may call the migration, such as a file's name or a tag.
  var otherNames: [String] = []
  /// True for a migration that is run again whenever its file has changed; it comes after all
  /// numbered migrations.
  package internal(set) var isRepeatable = false

  /// The name in words: `add vector extension`.
  package var description: String { name.replacing("_", with: " ") }

  /// The file's name without its ending: `0002_add_vector_extension`.
  package var fullName: String { isRepeatable ? version : "\(version)_\(name)" }

  /// Returns true where `word` names the migration, by its version, its name or both.
  package func isNamed(_ word: String) -> Bool {
    if word == name || word == fullName || word == "\(fullName).sql" { return true }
    if otherNames.contains(word) { return true }
    return word.first?.isNumber == true && versionsEqual(word, version)
  }
}
