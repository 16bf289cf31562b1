package import Clock
package import MigrationFiles

/// One migration as the database's ledger has it.
package struct LedgerRow: Sendable, Equatable {
  /// How far it has come.
  package enum State: String, Sendable {
    /// Its way up is done.
    case applied
    /// Marked as applied; it was there before the ledger.
    case baseline
    /// Its way up stopped between two statements.
    case applying
    /// Its way down stopped between two statements.
    case reverting
  }

  /// The version as its file had it.
  package let version: String
  /// The name in words.
  package let description: String
  /// What its file's checksum was.
  package let checksum: Checksum
  /// A later checksum that `--force` has let pass.
  package let acceptedChecksum: Checksum?
  /// Which run applied it.
  package let batch: Int
  /// When its way up was done, or began.
  package let appliedAt: Timestamp
  /// Seconds that its way up took.
  package let seconds: Double
  /// How far it has come.
  package let state: State
  /// How many of its statements are done.
  package let statementsDone: Int
  /// How many there are.
  package let statements: Int
  /// Whatever is worth knowing about it.
  package let note: String?
  /// The text that was applied.
  package let upText: String
  /// The text that undoes it.
  package let downText: String?
  /// The statement, counted from 1, that may have been carried out without being counted.
  let inDoubt: Int?

  /// True where the migration is there as a whole.
  package var isApplied: Bool { state == .applied || state == .baseline }
}
