public import Clock
public import Machine
public import Stores

/// The stages of a store in a run, in order.
public enum Stage: String, CaseIterable, Sendable {
  /// Finding the store.
  case scan
  /// Deciding what to do with the store.
  case plan
  /// Copying the store's files.
  case backup
  /// Decoding and decrypting.
  case load
  /// Fitting and applying the projection.
  case reduce
  /// Copying into the database.
  case write
  /// Reading back and comparing.
  case verify
}

/// The outcome of a store in a run.
public enum Outcome: String, CaseIterable, Sendable {
  /// Planned, not begun.
  case pending
  /// In progress, or left so by a run that died.
  case running
  /// Done and verified.
  case succeeded
  /// Already in the database, as it is on disk.
  case unchanged
  /// Without documents while no table existed: nothing was written.
  case empty
  /// Refused or stopped by an error; the reason says why.
  case failed
  /// Left out, for example because another run works on the store.
  case skipped
  /// Begun, and stopped by the operator: nothing of the store was written.
  case interrupted
  /// Another run worked on the store until the end.
  case taken
  /// A rollback: every row of the run was deleted.
  case rolledBack = "rolled_back"
  /// A rollback: rows that somebody had changed stayed.
  case partlyRolledBack = "partly_rolled_back"
  /// A rollback: the state before the run was restored.
  case restored

  /// True where the outcome will not change any more.
  public var isFinal: Bool { self != .pending && self != .running }

  /// True where the store should be tried again.
  public var isFailure: Bool { [.failed, .interrupted, .taken].contains(self) }
}

/// The facts that a run learns about a store; nil leaves a fact unchanged.
public struct StoreFacts: Equatable, Sendable {
  /// How many entries the metadata has.
  public var documents: Int?
  /// How many rows the vectors have.
  public var vectors: Int?
  /// How many numbers a row has at the source.
  public var dimensions: Int?
  /// The digest of the source files.
  public var sourceDigest: String?
  /// The path of the store's copy in a backup.
  public var backupPath: String?

  /// Creates facts, each optional.
  public init(
    documents: Int? = nil, vectors: Int? = nil, dimensions: Int? = nil,
    sourceDigest: String? = nil, backupPath: String? = nil
  ) {
    self.documents = documents
    self.vectors = vectors
    self.dimensions = dimensions
    self.sourceDigest = sourceDigest
    self.backupPath = backupPath
  }
}

/// A store of a run in the journal.
public struct StoreRecord: Equatable, Sendable {
  /// The run that worked on the store.
  public let run: RunID
  /// The name of the store.
  public let name: StoreName
  /// The directory of the store.
  public let path: String
  /// The last stage that was reached, nil if the store was not begun.
  public let stage: Stage?
  /// The outcome of the store.
  public let outcome: Outcome
  /// The reason for the outcome; nil where there is none.
  public let reason: String?
  /// The facts that the run learnt about the store.
  public let facts: StoreFacts
  /// The number of the change: of two records, the later one has the greater number.
  public let change: Int
  /// When the first stage began; nil if the store was not begun.
  public let startedAt: Timestamp?
  /// When the outcome became final; nil until then.
  public let finishedAt: Timestamp?
}

/// The time that a stage took.
public struct StageTiming: Equatable, Sendable {
  /// The stage that was measured.
  public let stage: Stage
  /// When the stage began.
  public let startedAt: Timestamp
  /// How many milliseconds the stage took; nil while the stage lasts, or if the run died in it.
  public let milliseconds: Int?
}

/// An event worth recording that is neither a stage nor an outcome.
public struct Event: Equatable, Sendable {
  /// When the event was recorded.
  public let at: Timestamp
  /// The store of the event, nil for the run as a whole.
  public let store: StoreName?
  /// The event in words.
  public let message: String
}
