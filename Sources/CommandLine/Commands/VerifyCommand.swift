internal import Messages
internal import Arguments
internal import Embedding
internal import Ledger
internal import Postgres
internal import Stores
internal import Verification

/// The command `verify`, which compares the database with the files that filled it.
struct VerifyCommand {
  private let arguments: ParsedArguments<VerifyOptions>
  private let console: Console
  private let environment: [String: String]

  init(
    _ arguments: ParsedArguments<VerifyOptions>, console: Console, environment: [String: String]
  ) {
    self.arguments = arguments
    self.console = console
    self.environment = environment
  }

  /// Compares and reports; any difference gives exit code 4.
  func run() -> ExitCode {
    do {
      var options = try arguments.filled(VerificationOptions())
      options.selection.users = try arguments.selection.allUsers()
      options.place = try arguments.given.place(of: ["verify"], options.selection)
      let choice = try DatabaseChoice.find(
        option: arguments.database.databaseURL, environment: environment)
      let printer = VerificationPrinter(
        console: console, isSilent: arguments.output.json, isQuiet: arguments.detail.quiet,
        verbosity: arguments.detail.verbose)
      printer.begin(database: choice.description)
      options.database = choice.description
      let run = VerificationRun(
        options: options,
        keys: try arguments.source.keyRing(environment: environment),
        environment: environment, isInterrupted: { Interruption.isRequested },
        connect: { [console] in
          try choice.connectToExisting { console.diagnostics.note("\($0)") }
        },
        reconnect: { [console] in
          try choice.reconnect { console.diagnostics.note("\($0)") }
        },
        service: { [arguments, environment] in
          try arguments.costs.settings(of: $0, environment: environment)
        },
        observe: printer.handle)
      let report = try run.run()
      let code = ExitCode(for: report)
      printer.finish(report)
      if arguments.output.json {
        console.output.print(json: report.json(database: choice.description, exitCode: code))
      }
      return code
    } catch let error as UsageError {
      return console.report(error, of: Program.vectorFerry(version: ProgramVersion.current))
    } catch {
      return console.report(failure: error, asJSON: arguments.output.json)
    }
  }
}
