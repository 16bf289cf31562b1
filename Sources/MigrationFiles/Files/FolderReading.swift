package import SQLText

/// How a folder was read: the forms of its files, and how many migrations they contain.
package struct FolderReading: Sendable, Equatable {
  /// The forms that were found, in the order of their declaration; empty for an empty folder.
  package let forms: [MigrationForm]
  /// How many migrations the folder has; each has an up part.
  package let ups: Int
  /// How many of the migrations have a down part.
  package let downs: Int
  /// How many of the migrations are repeatable: they are run again whenever their files change.
  package let repeatables: Int
  /// The SQL files in subfolders, which were not read.
  package let unreadFiles: [String]
  /// How many checks `schema verify` runs: those of verify.sql, or the scripts in `verify`.
  package let checks: Int

  /// The forms' names, joined: `dbmate + plain SQL`.
  package var name: String { forms.map(\.rawValue).joined(separator: " + ") }
}

extension MigrationSet {
  /// How the set's folder was read; nil for a set that comes with the program.
  package var reading: FolderReading? {
    guard !isBundled else { return nil }
    return FolderReading(
      forms: MigrationForm.allCases.filter(forms.contains),
      ups: migrations.count, downs: migrations.filter { $0.down != nil }.count,
      repeatables: migrations.filter(\.isRepeatable).count, unreadFiles: unreadFiles,
      checks: checks.count)
  }
}
