public import Clock
public import Machine

/// The purpose of a run.
public struct RunMode: RawRepresentable, Hashable, Sendable {
  /// The name of the mode in the journal.
  public let rawValue: String
  /// Creates a mode from its name.
  public init(rawValue: String) { self.rawValue = rawValue }

  /// The run writes stores into the database.
  public static let migrate = RunMode(rawValue: "migrate")
  /// The run removes from the database what another run wrote.
  public static let rollback = RunMode(rawValue: "rollback")
  /// The run creates embeddings again from text.
  public static let reembed = RunMode(rawValue: "reembed")
  /// Fits the model of a store again and rewrites the store's vectors.
  public static let refit = RunMode(rawValue: "refit")
}

/// The database and the table that a run writes to; a failure with one database says nothing about
/// another database.
public struct RunTarget: Equatable, Sendable {
  /// The description of the database in words, without the words about where its name comes from.
  public let database: String
  /// The identities by which the database is known; empty where no identity is known.
  ///
  /// The description in words alone may mean different databases at different times.
  public let identities: Set<String>
  /// The table, as given by `--table`.
  public let table: String

  /// Creates a target; where `database` contains ` (from `, the text from there on is ignored.
  public init(database: String, identities: Set<String> = [], table: String) {
    self.database = withoutPasswords(database).withoutOrigin
    self.identities = identities
    self.table = table
  }
}

extension String {
  /// The description of a database without the words about where its name comes from, because an
  /// option or a variable may have named the same database.
  public var withoutOrigin: String {
    firstRange(of: " (from ").map { String(self[..<$0.lowerBound]) } ?? self
  }
}

/// The facts about a run that are known when the run begins.
public struct RunFacts: Equatable, Sendable {
  /// The purpose of the run.
  public var mode: RunMode
  /// The version of the program.
  public var version: String
  /// The run's options in words, without secrets.
  public var options: String
  /// The database in words, without the password.
  public var database: String
  /// The identity of the database: the cluster and the database's number; nil where the server does
  /// not report it.
  public var identity: String?
  /// The table with its schema; nil for runs of earlier versions, and for runs without a table.
  public var table: String?
  /// The run that a rollback undoes; nil for other runs.
  public var undoneRun: RunID?

  /// Creates the facts of a run; passwords in the texts are removed.
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
  /// The id of the run.
  public let id: RunID
  /// The facts at the beginning of the run.
  public let facts: RunFacts
  /// The process of the run.
  public let process: ProcessIdentity
  /// The time when the run began.
  public let startedAt: Timestamp
  /// The time when the run ended; nil where the run has not ended, or has died.
  public let finishedAt: Timestamp?
  /// The exit code of the run; nil where the run has not ended, or has died.
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
