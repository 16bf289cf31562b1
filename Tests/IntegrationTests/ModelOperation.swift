import TestSupport

/// One step of a sequence; the step's seed decides all its choices, for a given state of the
/// stores.
struct ModelOperation: CustomStringConvertible, Sendable {
  enum Kind: String, CaseIterable, Sendable {
    /// The application changes the files of a store.
    case changeFiles = "change files"
    case migrate
    case migrateForced = "migrate --force"
    case migrateAlongside = "migrate --alongside"
    case killMigrate = "kill a migrate"
    /// The application changes, deletes and adds rows.
    case editRow = "edit a row"
    case deleteRow = "delete a row"
    case deleteAllRows = "delete all rows of a store"
    case addRow = "add a row"
    case rollBack = "rollback"
    case rollBackRestoring = "rollback --restore"
    case rollBackFiles = "rollback --files"
    case rollBackNamed = "rollback RUN"
    case killRollBack = "kill a rollback"
    /// The folder of a store is deleted.
    case loseFiles = "lose files"
    /// The files of a store are restored from a backup, after a loss or although they exist.
    case restoreBackup = "backups restore"
    case restoreBackupOver = "backups restore over files"
  }

  let kind: Kind
  let dice: UInt64

  var description: String { "\(kind.rawValue) [\(dice)]" }

  /// The relative frequency of each kind.
  private static let weights: [Kind: Int] = [
    .changeFiles: 14, .migrate: 14, .migrateForced: 4, .migrateAlongside: 5, .killMigrate: 10,
    .editRow: 7, .deleteRow: 5, .deleteAllRows: 1, .addRow: 5, .rollBack: 5,
    .rollBackRestoring: 5, .rollBackFiles: 4, .rollBackNamed: 4, .killRollBack: 4,
    .loseFiles: 3, .restoreBackup: 5, .restoreBackupOver: 2,
  ]

  /// Returns the sequence of a seed; it begins with the migration of stores.
  static func sequence(seed: UInt64, count: Int) -> [ModelOperation] {
    var generator = SeededGenerator(seed: seed)
    let kinds = Kind.allCases.flatMap { Array(repeating: $0, count: weights[$0] ?? 0) }
    return (0..<count).map { index in
      let kind: Kind = index == 0 ? .migrate : kinds.randomElement(using: &generator) ?? .migrate
      return ModelOperation(kind: kind, dice: .random(in: 0..<1_000_000, using: &generator))
    }
  }
}
