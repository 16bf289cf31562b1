public import Machine

/// What a run set out to do.
public struct RunMode: RawRepresentable, Hashable, Sendable {
  /// The name in the journal.
  public let rawValue: String
  /// A mode by its name.
  public init(rawValue: String) { self.rawValue = rawValue }

  /// Stores into the database.
  public static let migrate = RunMode(rawValue: "migrate")
  /// What a run wrote, out of the database again.
  public static let rollback = RunMode(rawValue: "rollback")
  /// Embeddings made anew from text.
  public static let reembed = RunMode(rawValue: "reembed")
}

/// Where a run writes to: what failed with one database has not failed with another.
public struct RunTarget: Equatable, Sendable {
  /// The database in words, without how it was named.
  public let database: String
  /// The identities by which the database is known; empty where none is.
  ///
  /// Words alone may mean another one every day.
  public let identities: Set<String>
  /// The table, as given by `--table`.
  public let table: String

  /// A target; what stands in `database` behind ` (from ` does not count.
  public init(database: String, identities: Set<String> = [], table: String) {
    self.database = withoutPasswords(database).withoutOrigin
    self.identities = identities
    self.table = table
  }
}

extension String {
  /// A database in words without how it was named: the same one may have been named by an option
  /// or by a variable.
  public var withoutOrigin: String {
    firstRange(of: " (from ").map { String(self[..<$0.lowerBound]) } ?? self
  }
}

/// What is known of a run when it begins.
public struct RunFacts: Equatable, Sendable {
  /// What it sets out to do.
  public var mode: RunMode
  /// The version of the program.
  public var version: String
  /// Its options in words, without secrets.
  public var options: String
  /// The database in words, without the password.
  public var database: String
  /// Which database it is: cluster and number; nil where the server does not tell.
  public var identity: String?
  /// The table with its schema; nil for runs of earlier versions, and where there is none.
  public var table: String?
  /// The run that a rollback takes back.
  public var takesBack: RunID?

  /// A run's facts; passwords that stand in the texts all the same are blanked.
  public init(
    mode: RunMode, version: String, options: String, database: String, identity: String? = nil,
    table: String? = nil, takesBack: RunID? = nil
  ) {
    self.mode = mode
    self.version = version
    self.options = withoutPasswords(options)
    self.database = withoutPasswords(database)
    self.identity = identity
    self.table = table
    self.takesBack = takesBack
  }
}

/// A run, as the journal has it.
public struct RunRecord: Equatable, Sendable {
  /// Its name.
  public let id: RunID
  /// What was known at its beginning.
  public let facts: RunFacts
  /// The process it is or was.
  public let process: ProcessIdentity
  /// When it began.
  public let startedAt: Moment
  /// When it ended, nil if it has not, or died.
  public let finishedAt: Moment?
  /// Its exit code, nil if it has not ended, or died.
  public let exitStatus: Int?
  /// How many of its stores have which outcome.
  public let tally: [Outcome: Int]

  /// Where a run stands.
  public enum State: String, Sendable {
    /// At work on this machine.
    case running
    /// Ended by itself, with an exit code.
    case finished
    /// Ended without saying so: killed, or the machine went down.
    case died
    /// Not ended, on another machine, which cannot be asked from here.
    case elsewhere
  }

  /// Where it stands now.
  public var state: State {
    if exitStatus != nil { return .finished }
    return switch process.isAlive {
    case .some(true): .running
    case .some(false): .died
    case .none: .elsewhere
    }
  }
}
