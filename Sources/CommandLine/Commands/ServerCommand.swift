internal import Messages
internal import Glibc
internal import JSON
internal import Postgres
internal import Stores

/// The commands `server start|stop|status|url|psql`, which control the embedded server.
struct ServerCommand {
  let console: Console

  /// Starts the server and prints its address.
  func start() -> ExitCode {
    attempt { server in
      let address = try server.start { console.diagnostics.note("\($0)") }
      console.print("The embedded server is running: \(address.url)")
    }
  }

  /// Stops the server.
  func stop() -> ExitCode {
    attempt { server in
      let wasRunning = try server.stop()
      console.print(
        wasRunning
          ? "The embedded server has stopped; the data of the server stay in "
            + "\(try server.status().dataDirectory)"
          : "The embedded server was not running")
    }
  }

  /// Shows the state of the server and its paths.
  func status(json: Bool) -> ExitCode {
    attempt { server in
      let status = try server.status()
      if json {
        console.output.print(json: status.json)
      } else {
        for (label, value) in status.lines { console.print("\(label): \(value)") }
      }
    }
  }

  /// Prints the server's address, even where the server does not run.
  func url() -> ExitCode {
    attempt { console.print("\(try $0.url)") }
  }

  /// Replaces this process with psql.
  func psql(_ words: [String]) -> ExitCode {
    attempt { server in
      console.output.flush()
      // psql must end quietly when its reader closes the pipe, as it does elsewhere.
      signal(SIGPIPE, SIG_DFL)
      signal(SIGXFSZ, SIG_DFL)
      try server.psql(arguments: words)
    }
  }

  private func attempt(_ body: (EmbeddedServer) throws -> Void) -> ExitCode {
    do {
      try body(try EmbeddedServer())
      return .done
    } catch {
      console.diagnostics.fail(with: error)
      return ExitCode(for: error)
    }
  }
}

extension EmbeddedServerStatus {
  private var shownState: String {
    switch state {
    case .absent: "not yet created"
    case .stopped: "stopped"
    case .starting: "starting or stopping"
    case .running(let process): "running (process \(process))"
    }
  }

  fileprivate var lines: [(String, String)] {
    [
      ("State", shownState), ("Address", address.url), ("Data", dataDirectory), ("Log", log),
      ("Account", account), ("PostgreSQL", major.map(String.init) ?? "not yet chosen"),
    ]
  }

  fileprivate var json: JSONValue {
    [
      "state": .string(state.name), "pid": JSONValue(state.process), "url": .string(address.url),
      "socket_directory": .string(address.socketDirectory),
      "data_directory": .string(dataDirectory), "log": .string(log),
      "account": .string(account), "postgresql": JSONValue(major),
    ]
  }
}

extension EmbeddedServerStatus.State {
  fileprivate var name: String {
    switch self {
    case .absent: "absent"
    case .stopped: "stopped"
    case .starting: "starting"
    case .running: "running"
    }
  }

  fileprivate var process: Int? {
    switch self {
    case .absent, .stopped: nil
    case .starting(let process), .running(let process): Int(process)
    }
  }
}
