public import Clock
public import Machine
public import Stores

/// The stages of a store in a run, in their order.
public enum Stage: String, CaseIterable, Sendable {
  /// The store is found.
  case scan
  /// It is decided what is done with the store.
  case plan
  /// The store's files are copied.
  case backup
  /// The store's files are decoded and decrypted.
  case load
  /// The projection is fitted, and the vectors are reduced.
  case reduce
  /// The rows are copied into the database.
  case write
  /// The rows are read back and compared.
  case verify
}

/// The outcome of a store in a run.
public enum Outcome: String, CaseIterable, Sendable {
  /// The store is planned, but not begun.
  case pending
  /// The store is in progress, or was in progress when its run died.
  case running
  /// The store was written and verified.
  case succeeded
  /// The store was already in the database, as it is on disk.
  case unchanged
  /// The store has no documents and there was no table: nothing was written.
  case empty
  /// The store was refused, or an error stopped it; the record has the reason.
  case failed
  /// The store was left out, for example because another run works on it.
  case skipped
  /// The operator stopped the run while the store was in progress: nothing of the store was
  /// written.
  case interrupted
  /// Another run held the store until the end of this run.
  case taken
  /// The rollback of the store deleted every row of the run.
  case rolledBack = "rolled_back"
  /// The rollback of the store left rows in place that somebody had changed.
  case partlyRolledBack = "partly_rolled_back"
  /// The rollback of the store restored the state before the run.
  case restored

  /// True where the outcome will not change any more.
  public var isFinal: Bool { self != .pending && self != .running }

  /// True where the store should be tried again.
  public var isFailure: Bool { [.failed, .interrupted, .taken].contains(self) }
}

/// The facts that a run learns about a store; a nil leaves the recorded fact unchanged.
public struct StoreFacts: Equatable, Sendable {
  /// The number of entries that the metadata has.
  public var documents: Int?
  /// The number of vectors.
  public var vectors: Int?
  /// The length of each vector in the files.
  public var dimensions: Int?
  /// The digest of the store's files.
  public var sourceDigest: String?
  /// The path of the store's copy in a backup.
  public var backupPath: String?

  /// Creates facts; each of them may be left out.
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
  /// The last stage that was reached; nil where the store was not begun.
  public let stage: Stage?
  /// The outcome of the store.
  public let outcome: Outcome
  /// The reason for the outcome; nil where there is none.
  public let reason: String?
  /// The facts that the run learnt about the store.
  public let facts: StoreFacts
  /// The number of the latest change of this record: of two records, the later one has the greater
  /// number.
  public let change: Int
  /// The time when the first stage began; nil where the store was not begun.
  public let startedAt: Timestamp?
  /// The time when the outcome became final; nil before that.
  public let finishedAt: Timestamp?
}

/// The time that a stage took.
public struct StageTiming: Equatable, Sendable {
  /// The stage that was measured.
  public let stage: Stage
  /// The time when the stage began.
  public let startedAt: Timestamp
  /// The milliseconds that the stage took; nil while the stage lasts, or where the run died in it.
  public let milliseconds: Int?
}

/// An event of a run that is recorded, but is neither a stage nor an outcome.
public struct Event: Equatable, Sendable {
  /// The time when the event was recorded.
  public let at: Timestamp
  /// The store of the event; nil where the event concerns the whole run.
  public let store: StoreName?
  /// The event in words.
  public let message: String
}
