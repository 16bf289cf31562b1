package import SQLText

/// The forms of a folder's files, and the numbers of migrations and checks in the folder.
package struct FolderReading: Sendable, Equatable {
  /// The forms of the files, in the order of `MigrationForm`; empty for an empty folder.
  package let forms: [MigrationForm]
  /// The number of migrations; each has an up part.
  package let ups: Int
  /// The number of migrations that have a down part.
  package let downs: Int
  /// The number of repeatable migrations, which are run again whenever their files change.
  package let repeatables: Int
  /// The SQL files in subfolders, which are not read.
  package let unreadFiles: [String]
  /// The number of checks that `schema verify` can run: those of verify.sql, or Sqitch's verify
  /// scripts.
  package let checks: Int

  /// The names of the forms in one text, such as `dbmate + plain SQL`.
  package var name: String { forms.map(\.rawValue).joined(separator: " + ") }
}

extension MigrationSet {
  /// The forms of the set's files and the numbers of migrations; nil for a set that comes with the
  /// program.
  package var reading: FolderReading? {
    guard !isBundled else { return nil }
    return FolderReading(
      forms: MigrationForm.allCases.filter(forms.contains),
      ups: migrations.count, downs: migrations.filter { $0.down != nil }.count,
      repeatables: migrations.filter(\.isRepeatable).count, unreadFiles: unreadFiles,
      checks: checks.count)
  }
}
