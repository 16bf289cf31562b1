public import Stores

/// The parts of a store's way, in order.
public enum Stage: String, CaseIterable, Sendable {
  /// Finding the store.
  case scan
  /// Deciding what to do with it.
  case plan
  /// Copying its files.
  case backup
  /// Decoding and decrypting.
  case load
  /// Fitting and applying the projection.
  case reduce
  /// COPY into the database.
  case write
  /// Reading back and comparing.
  case verify
}

/// What became of a store in a run.
public enum Outcome: String, CaseIterable, Sendable {
  /// Planned, not begun.
  case pending
  /// Being worked on, or left so by a run that died.
  case running
  /// Done and verified.
  case succeeded
  /// In the database already, as it is on disk.
  case unchanged
  /// Without documents, and there was no table yet: nothing was written.
  case empty
  /// Refused or broken off; the reason says why.
  case failed
  /// Left out, such as for another run that has it.
  case skipped
  /// Begun, and stopped by the operator: nothing of it was written.
  case interrupted
  /// Another run had it until the end.
  case taken
  /// A rollback: every row of the run went.
  case rolledBack = "rolled_back"
  /// A rollback: rows that somebody had changed stayed.
  case partlyRolledBack = "partly_rolled_back"
  /// A rollback: the state before the run is back.
  case restored

  /// True where nothing more will come.
  public var isFinal: Bool { self != .pending && self != .running }

  /// True where the store is to be taken up again.
  public var isFailure: Bool { [.failed, .interrupted, .taken].contains(self) }
}

/// What a run learns about a store on the way; nil leaves what was known.
public struct StoreFacts: Equatable, Sendable {
  /// Entries of its metadata.
  public var documents: Int?
  /// Rows of its vectors.
  public var vectors: Int?
  /// Numbers a row has at the source.
  public var dimensions: Int?
  /// The digest of the source files.
  public var sourceDigest: String?
  /// Where its backup lies.
  public var backupPath: String?

  /// Facts, each optional.
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

/// A store in a run, as the journal has it.
public struct StoreRecord: Equatable, Sendable {
  /// The run.
  public let run: RunID
  /// Whose store, and which.
  public let name: StoreName
  /// Its directory.
  public let path: String
  /// The stage that was reached, nil if it was not begun.
  public let stage: Stage?
  /// What became of it.
  public let outcome: Outcome
  /// Why, where there is something to say.
  public let reason: String?
  /// What was learnt about it.
  public let facts: StoreFacts
  /// Counts all changes of the journal: of two records the later one has the greater.
  public let change: Int
  /// When its first stage began.
  public let startedAt: Moment?
  /// When its outcome was final.
  public let finishedAt: Moment?
}

/// A stage's time.
public struct StageTiming: Equatable, Sendable {
  /// The stage.
  public let stage: Stage
  /// When it began.
  public let startedAt: Moment
  /// How long it took, nil while it lasts or if the run died in it.
  public let milliseconds: Int?
}

/// Something worth telling that is neither a stage nor an outcome.
public struct Event: Equatable, Sendable {
  /// When it was told.
  public let at: Moment
  /// Whose store, nil for the run as a whole.
  public let store: StoreName?
  /// What happened.
  public let message: String
}
