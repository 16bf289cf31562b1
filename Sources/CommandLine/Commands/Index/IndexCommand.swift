internal import Messages
internal import Arguments
internal import Ledger
internal import Postgres
internal import Stores
internal import VectorIndex

/// The commands below `index`, with the code that all of them use.
struct IndexCommand {
  let console: Console
  let environment: [String: String]

  /// Runs one of the commands below `index`.
  func run(_ command: IndexInvocation) -> ExitCode {
    switch command {
    case .build(let arguments): build(arguments)
    case .convert(let arguments): convert(arguments)
    case .tune(let arguments): tune(arguments)
    case .status(let arguments): status(arguments)
    case .repair(let arguments): repair(arguments)
    }
  }

  /// The sessions with the database that one command uses.
  struct Sessions {
    /// The session that does the work.
    let working: Connection
    /// The session that watches the first session; nil where the command needs no such session, or
    /// the server allows none.
    let watching: Connection?
    /// The name of the database for people.
    let database: String
  }

  /// Opens the sessions, runs `body`, and turns every error into an exit code.
  func attempt(
    _ database: ParsedArguments<ExistingDatabaseOptions>, asJSON: Bool, watches: Bool = true,
    _ body: (Sessions, QualifiedName) throws -> ExitCode
  ) -> ExitCode {
    do {
      let table = try QualifiedName(argument: database.table)
      let choice = try DatabaseChoice.find(option: database.databaseURL, environment: environment)
      func connect() throws -> Connection {
        try choice.connectToExisting { console.diagnostics.note("\($0)") }
      }
      let working = try connect()
      let sessions = Sessions(
        working: working, watching: watches ? try? connect() : nil, database: choice.description)
      return try body(sessions, table)
    } catch {
      return report(error, asJSON: asJSON)
    }
  }

  /// Reports an error with a remedy that fits the commands below `index`; returns the exit code.
  private func report(_ error: any Error, asJSON: Bool) -> ExitCode {
    let failure: Failure
    switch error {
    case let taken as IndexLockTaken:
      failure = Failure(
        .preflight, taken.description, remedy: "run again when that session is done")
    case PostgresError.unreachable:
      failure = Failure(.preflight, Failure(error).reason)
    case let error as PostgresError:
      let known = Failure(error)
      failure = Failure(known.kind, known.reason, remedy: error.indexRemedy)
    default: failure = Failure(error)
    }
    return console.report(failure: failure, asJSON: asJSON, of: .inPlace)
  }
}

extension BuildRequest {
  /// Reads the parameters of an index; throws where a parameter belongs to another method.
  init(method: IndexMethod?, _ arguments: ParsedArguments<IndexBuildArguments>) throws {
    self = try arguments.filled(BuildRequest(method: method))
    let isGraph = links != nil || construction != nil
    if method == .ivfflat, isGraph {
      throw Failure(
        .preflight, "--m and --ef-construction are parameters of HNSW alone", remedy: "use --lists")
    }
    if method != .ivfflat, lists != nil {
      throw Failure(
        .preflight, "--lists belongs to IVFFlat", remedy: "name the method: ivfflat")
    }
  }
}
