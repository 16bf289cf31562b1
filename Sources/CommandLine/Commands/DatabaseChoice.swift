internal import Messages
internal import Ledger
internal import Glibc
internal import Postgres

/// The database that a command works with.
enum DatabaseChoice {
  /// The database that an option or the environment names.
  case configured(ConnectionTarget)
  /// The database of the embedded server, in the current directory.
  case embedded(EmbeddedServer)

  /// Finds the database: the one that the option names, else the one of the environment, else the
  /// embedded server.
  static func find(option: String?, environment: [String: String]) throws -> DatabaseChoice {
    if let target = try ConnectionTarget.resolve(option: option, environment: environment) {
      return .configured(target)
    }
    return .embedded(try EmbeddedServer())
  }

  /// The name of the database as people see it, without its password.
  var description: String {
    switch self {
    case .configured(let target): "\(target.description) (from \(target.source))"
    case .embedded(let server): "embedded server in \(Self.shown(server.directory))"
    }
  }

  /// Shortens a path below the current directory to the form that the operator would type.
  private static func shown(_ path: String) -> String {
    guard let here = getcwd(nil, 0) else { return path }
    defer { free(here) }
    let prefix = String(cString: here) + "/"
    return path.hasPrefix(prefix) ? String(path.dropFirst(prefix.count)) : path
  }

  /// True for an embedded server that does not exist yet; throws where it cannot be created.
  var isStillToBeMade: Bool {
    get throws {
      guard case .embedded(let server) = self, case .absent = try server.status().state else {
        return false
      }
      _ = try server.binaries
      return true
    }
  }

  /// Opens a session with a database that must already exist.
  ///
  /// An embedded server that is stopped is started; an embedded server that does not exist is an
  /// error.
  func connectToExisting(settings: SessionSettings = .pinned, notice: (String) -> Void) throws
    -> Connection
  {
    if case .embedded(let server) = self, try isStillToBeMade {
      throw Failure(
        .preflight, "there is no embedded server in \(Self.shown(server.directory)) yet",
        remedy: "name the database with DATABASE_URL or --database-url, or migrate first")
    }
    return try connect(mayStart: true, settings: settings, notice: notice)
  }

  /// Opens a new session in place of a broken one.
  ///
  /// A configured server that is still starting counts as unreachable: this function does not wait.
  func reconnect(notice: (String) -> Void) throws -> Connection {
    guard case .configured(let target) = self else { return try connectToExisting(notice: notice) }
    return try Connection.open(target) { Interruption.isRequested }
  }

  /// Opens a session; with `mayStart`, the embedded server is created and started where necessary.
  func connect(
    mayStart: Bool, settings: SessionSettings = .pinned, notice: (String) -> Void
  ) throws -> Connection {
    switch self {
    case .configured(let target):
      return try Connection.openWhenStarted(
        target, settings: settings, isInterrupted: { Interruption.isRequested }, notice: notice)
    case .embedded(let server):
      let address: EmbeddedServerAddress
      if mayStart {
        address = try server.start(notice: notice)
      } else {
        let status = try server.status()
        guard case .running = status.state else {
          throw PostgresError.unreachable(
            database: description,
            reason: "this server is not running; a live run starts this server")
        }
        address = status.address
      }
      let target = address.target
      return try Connection.open(target, settings: settings) { Interruption.isRequested }
    }
  }
}
