/// One migration of a set, read from its file or pair of files.
package struct SQLMigration: Sendable, Equatable {
  /// The number or timestamp as the file's name has it.
  package let version: String
  /// The rest of the file's name: `add_vector_extension`.
  package let name: String
  /// What brings it about.
  package let up: MigrationSection
  /// What undoes it, where there is a way back.
  package let down: MigrationSection?
  /// SHA-256 over the file, or over both files of a pair.
  package let checksum: Checksum
  /// Left alone by `up`; applied by name only.
  package let isSingly: Bool
  /// A query for one boolean that says whether it is advisable now; nil where nobody can say.
  package let advisableWhen: String?
  /// What else names it: a file's own name, a tag.
  var otherNames: [String] = []
  /// Run again whenever its file has changed; it comes after all that has a number.
  package internal(set) var isRepeatable = false

  /// The name as people read it: `add vector extension`.
  package var description: String { name.replacing("_", with: " ") }

  /// The file's name without its ending: `0002_add_vector_extension`.
  package var fullName: String { isRepeatable ? version : "\(version)_\(name)" }

  /// True where `word` names it: by version, name or both.
  package func isNamed(_ word: String) -> Bool {
    if word == name || word == fullName || word == "\(fullName).sql" { return true }
    if otherNames.contains(word) { return true }
    return word.first?.isNumber == true && versionsEqual(word, version)
  }
}
