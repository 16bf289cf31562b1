internal import Arguments
internal import Clock
internal import Ledger

extension Invocation {
  /// Executes the command, and writes all output to `console`.
  func run(on console: Console, environment: [String: String]) -> ExitCode {
    if let problem = CalendarTime.problemOfClock {
      let failure = Failure(
        .preflight, "\(problem), and recorded dates need a year of four digits",
        remedy: "set the clock, then run again; nothing was touched")
      return console.report(failure: failure, asJSON: false)
    }
    let server = ServerCommand(console: console)
    let backups = BackupsCommand(console: console, environment: environment)
    let projection = ProjectionCommand(console: console, environment: environment)
    let dimensions = DimensionsCommand(console: console, environment: environment)
    return switch self {
    case .migrate(let arguments):
      MigrateCommand(arguments, console: console, environment: environment).run()
    case .scan(let arguments): ScanCommand(arguments, console: console).run()
    case .verify(let arguments):
      VerifyCommand(arguments, console: console, environment: environment).run()
    case .rollback(let arguments):
      RollbackCommand(arguments, console: console, environment: environment).run()
    case .backupsList(let arguments): backups.list(arguments)
    case .backupsVerify(let arguments): backups.verify(arguments)
    case .backupsRestore(let arguments): backups.restore(arguments)
    case .backupsPrune(let arguments): backups.prune(arguments)
    case .backupsDump(let arguments):
      DumpCommand(arguments: arguments, console: console, environment: environment).run()
    case .status(let arguments):
      StatusCommand(arguments, console: console, environment: environment).run()
    case .history(let arguments): HistoryCommand(arguments, console: console).run()
    case .report(let arguments):
      ReportCommand(arguments, console: console, environment: environment).run()
    case .doctor(let arguments):
      DoctorCommand(arguments, console: console, environment: environment).run()
    case .search(let arguments):
      SearchCommand(arguments, console: console, environment: environment).run()
    case .reembed(let arguments):
      ReembedCommand(arguments, console: console, environment: environment).run()
    case .projectionList(let arguments): projection.list(arguments)
    case .projectionShow(let arguments): projection.show(arguments)
    case .projectionExport(let arguments): projection.export(arguments)
    case .projectionRefit(let arguments):
      RefitCommand(arguments, console: console, environment: environment).run()
    case .index(let command):
      IndexCommand(console: console, environment: environment).run(command)
    case .dimensionsChange(let arguments): dimensions.change(arguments)
    case .dimensionsStatus(let arguments): dimensions.status(arguments)
    case .dimensionsUndo(let arguments): dimensions.undo(arguments)
    case .dimensionsFinish(let arguments): dimensions.finish(arguments)
    case .schema(let command):
      SchemaCommand(console: console, environment: environment).run(command)
    case .serverStart: server.start()
    case .serverStop: server.stop()
    case .serverStatus(let arguments): server.status(json: arguments.output.json)
    case .serverURL: server.url()
    case .serverPsql(let words): server.psql(words)
    case .completions(let shell): CompletionsCommand(shell: shell, console: console).run()
    case .manual(let folder): ManualCommand(folder: folder, console: console).run()
    }
  }
}
