package import SQLText

/// How a folder was understood: the forms of its files, and the ways that they contain.
package struct FolderReading: Sendable, Equatable {
  /// The forms that were found, in the order of their declaration; empty for an empty folder.
  package let forms: [MigrationForm]
  /// How many ways up there are.
  package let ups: Int
  /// How many ways down there are.
  package let downs: Int
  /// How many of the ways up are run again whenever they change.
  package let repeatables: Int
  /// The SQL files in subfolders, which were not read.
  package let unreadFiles: [String]
  /// How many checks `schema verify` runs: those of verify.sql, or the scripts in `verify`.
  package let checks: Int

  /// The forms' names, joined: `dbmate + plain SQL`.
  package var name: String { forms.map(\.rawValue).joined(separator: " + ") }
}

extension MigrationSet {
  /// How the folder was understood; nil for a set that comes with the program.
  package var reading: FolderReading? {
    guard !isBundled else { return nil }
    return FolderReading(
      forms: MigrationForm.allCases.filter(forms.contains),
      ups: migrations.count, downs: migrations.filter { $0.down != nil }.count,
      repeatables: migrations.filter(\.isRepeatable).count, unreadFiles: unreadFiles,
      checks: checks.count)
  }
}
