internal import Messages
internal import Arguments
internal import Ledger
internal import Postgres
internal import Status
internal import Stores

/// The command `status`, which shows each store's last result, from the journal and the ledger.
struct StatusCommand {
  private let arguments: ParsedArguments<StatusOptions>
  private let console: Console
  private let environment: [String: String]

  init(
    _ arguments: ParsedArguments<StatusOptions>, console: Console, environment: [String: String]
  ) {
    self.arguments = arguments
    self.console = console
    self.environment = environment
  }

  /// Prints the stores and returns the exit code.
  ///
  /// The code is 1 where the database does not hold a store as it should, and 3 where the database
  /// could not be read.
  func run() -> ExitCode {
    do {
      let choice = try DatabaseChoice.find(
        option: arguments.databaseURL, environment: environment)
      var report = try StatusReport.read(
        backupDirectory: arguments.backup.directory, database: choice.description,
        table: try arguments.table.map { try QualifiedName(argument: $0) },
        connect: { try choice.connect(mayStart: false) { console.diagnostics.note("\($0)") } })
      let selection = try arguments.selection.resolved()
      try selection.refuseUnmatched(
        among: Set(
          (report.tables + (arguments.all ? report.others : [])).flatMap(\.stores).map(\.name)),
        remedy: "list all stores with: vector-ferry status --all")
      let isLimited = selection.isLimited || arguments.failed
      let isEmpty = (report.tables + (arguments.all ? report.others : [])).isEmpty
      if isLimited {
        let isOnlyFailed = arguments.failed
        report = report.filtered {
          selection.includes($0.name) && (!isOnlyFailed || !$0.isInOrder)
        }
      }
      let shown = report.tables + (arguments.all ? report.others : [])
      let isInOrder = shown.allSatisfy { $0.stores.allSatisfy(\.isInOrder) }
      // The journal alone cannot tell whether the documents are still there. Where no server was
      // ever created and no store is recorded, there is nothing to find out.
      let isKnown = try report.source == .ledger || isEmpty && choice.isStillToBeMade
      let code: ExitCode = !isInOrder ? .someStoresFailed : isKnown ? .done : .preflightFailed
      let printer = StatusPrinter(
        console: console, showsAll: arguments.all, limit: arguments.limit)
      if arguments.output.json {
        console.output.print(
          json: printer.json(report, database: choice.description, exitCode: code))
      } else {
        printer.show(
          report, database: choice.description, in: arguments.backup.directory, isLimited: isLimited
        )
      }
      return code
    } catch {
      return console.report(failure: error, asJSON: arguments.output.json)
    }
  }
}
