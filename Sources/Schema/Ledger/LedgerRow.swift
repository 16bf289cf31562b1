package import Clock
package import MigrationFiles

/// A migration in the ledger of the database.
package struct LedgerRow: Sendable, Equatable {
  /// The state of a migration.
  package enum State: String, Sendable {
    /// The migration is applied completely.
    case applied
    /// The migration was marked as applied, because it was in the database before the ledger.
    case baseline
    /// Applying the migration has begun and has not ended; it may have stopped.
    case applying
    /// Undoing the migration has begun and has not ended; it may have stopped.
    case reverting
  }

  /// The version in the file's name.
  package let version: String
  /// The name of the migration in words.
  package let description: String
  /// The checksum of the file when the migration was applied.
  package let checksum: Checksum
  /// A later checksum that was accepted with `--force`; nil where none was accepted.
  package let acceptedChecksum: Checksum?
  /// The number of the run that applied the migration, counted for each set.
  package let batch: Int
  /// The time at which applying the migration ended, or began if it has not ended.
  package let appliedAt: Timestamp
  /// The seconds that applying the migration took.
  package let seconds: Double
  /// The state of the migration.
  package let state: State
  /// The number of executed statements: of the down part while `state` is `reverting`, otherwise of
  /// the up part.
  package let statementsDone: Int
  /// The number of statements in the part that `statementsDone` counts.
  package let statements: Int
  /// Other facts for the operator; nil where there are none.
  package let note: String?
  /// The text of the up part that was applied.
  package let upText: String
  /// The text of the down part, which undoes the migration; nil where there is no down part.
  package let downText: String?
  /// The number, from 1, of a statement that may have been executed without being counted; nil
  /// where there is no such statement.
  let inDoubt: Int?

  /// True where the migration is applied completely, or was marked as applied.
  package var isApplied: Bool { state == .applied || state == .baseline }
}
