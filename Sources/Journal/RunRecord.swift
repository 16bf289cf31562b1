public import Clock
public import Machine

/// The purpose of a run.
public struct RunMode: RawRepresentable, Hashable, Sendable {
  /// The name of the mode in the journal.
  public let rawValue: String
  /// Creates a mode from its name.
  public init(rawValue: String) { self.rawValue = rawValue }

  /// Writes stores into the database.
  public static let migrate = RunMode(rawValue: "migrate")
  /// Removes from the database what a run wrote.
  public static let rollback = RunMode(rawValue: "rollback")
  /// Creates embeddings again from text.
  public static let reembed = RunMode(rawValue: "reembed")
  /// Fits the model of a store again and rewrites the store's vectors.
  public static let refit = RunMode(rawValue: "refit")
}

/// The target that a run writes to: a failure with one database says nothing about another
/// database.
public struct RunTarget: Equatable, Sendable {
  /// The database in words, without the source of its name.
  public let database: String
  /// The identities by which the database is known; empty where no identity is known.
  ///
  /// The words alone may mean different databases at different times.
  public let identities: Set<String>
  /// The table, as given by `--table`.
  public let table: String

  /// Creates a target; the part of `database` from ` (from ` on is ignored.
  public init(database: String, identities: Set<String> = [], table: String) {
    self.database = withoutPasswords(database).withoutOrigin
    self.identities = identities
    self.table = table
  }
}

extension String {
  /// The words for a database without the source of its name: the same database may have been named
  /// by an option or by a variable.
  public var withoutOrigin: String {
    firstRange(of: " (from ").map { String(self[..<$0.lowerBound]) } ?? self
  }
}

/// The facts about a run when it begins.
public struct RunFacts: Equatable, Sendable {
  /// The purpose of the run.
  public var mode: RunMode
  /// The version of the program.
  public var version: String
  /// The options in words, without secrets.
  public var options: String
  /// The database in words, without the password.
  public var database: String
  /// The identity of the database: cluster and number; nil where the server does not report it.
  public var identity: String?
  /// The table with its schema; nil for runs of earlier versions, and for runs without a table.
  public var table: String?
  /// The run that a rollback undoes; nil for other runs.
  public var undoneRun: RunID?

  /// Creates the facts of a run; passwords in the texts are blanked.
  public init(
    mode: RunMode, version: String, options: String, database: String, identity: String? = nil,
    table: String? = nil, undoneRun: RunID? = nil
  ) {
    self.mode = mode
    self.version = version
    self.options = withoutPasswords(options)
    self.database = withoutPasswords(database)
    self.identity = identity
    self.table = table
    self.undoneRun = undoneRun
  }
}

/// A run in the journal.
public struct RunRecord: Equatable, Sendable {
  /// The name of the run.
  public let id: RunID
  /// The facts at the beginning of the run.
  public let facts: RunFacts
  /// The process of the run.
  public let process: ProcessIdentity
  /// When the run began.
  public let startedAt: Timestamp
  /// When the run ended; nil if the run has not ended, or has died.
  public let finishedAt: Timestamp?
  /// The exit code; nil if the run has not ended, or has died.
  public let exitStatus: Int?
  /// The number of stores of the run with each outcome.
  public let tally: [Outcome: Int]

  /// The state of a run.
  public enum State: String, Sendable {
    /// The run is in progress on this machine.
    case running
    /// The run ended normally, with an exit code.
    case finished
    /// The run ended without recording its end: it was killed, or the machine went down.
    case died
    /// The run has not ended; it is on another machine, whose processes cannot be seen from here.
    case elsewhere
  }

  /// The present state of the run.
  public var state: State {
    if exitStatus != nil { return .finished }
    return switch process.isAlive {
    case .some(true): .running
    case .some(false): .died
    case .none: .elsewhere
    }
  }
}
