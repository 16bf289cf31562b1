extension Invocation {
  /// Carries the command out; everything it can say goes to `console`.
  func run(on console: Console, environment: [String: String]) -> ExitCode {
    switch self {
    case .migrate(let arguments):
      MigrateCommand(arguments, console: console, environment: environment).run()
    case .scan(let arguments):
      ScanCommand(arguments, console: console, environment: environment).run()
    case .serverStart: ServerCommand(console: console).start()
    case .serverStop: ServerCommand(console: console).stop()
    case .serverStatus(let arguments):
      ServerCommand(console: console).status(json: arguments.output.json)
    case .serverURL: ServerCommand(console: console).url()
    case .serverPsql(let words): ServerCommand(console: console).psql(words)
    default: .usage
    }
  }
}
