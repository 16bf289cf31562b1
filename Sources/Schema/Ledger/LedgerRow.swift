public import Postgres

/// One migration as the database's ledger has it.
public struct LedgerRow: Sendable, Equatable {
  /// How far it has come.
  public enum State: String, Sendable {
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
  public let version: String
  /// The name in words.
  public let description: String
  /// What its file's checksum was.
  public let checksum: Checksum
  /// A later checksum that `--force` has let pass.
  public let acceptedChecksum: Checksum?
  /// Which run applied it.
  public let batch: Int
  /// When its way up was done, or began.
  public let appliedAt: Timestamp
  /// Seconds that its way up took.
  public let seconds: Double
  /// How far it has come.
  public let state: State
  /// How many of its statements are done.
  public let statementsDone: Int
  /// How many there are.
  public let statements: Int
  /// Whatever is worth knowing about it.
  public let note: String?
  /// The text that was applied.
  public let upText: String
  /// The text that undoes it.
  public let downText: String?
  /// The statement, counted from 1, that may have been carried out without being counted.
  let inDoubt: Int?

  /// True where the migration is there as a whole.
  public var isApplied: Bool { state == .applied || state == .baseline }
}
