internal import Messages
internal import Arguments
internal import Ledger
internal import Rollback
internal import Stores

/// The command `rollback`, which shows the changes that it would make, asks the operator, and makes
/// the changes.
struct RollbackCommand {
  private let arguments: ParsedArguments<RollbackArguments>
  private let console: Console
  private let environment: [String: String]

  init(
    _ arguments: ParsedArguments<RollbackArguments>, console: Console,
    environment: [String: String]
  ) {
    self.arguments = arguments
    self.console = console
    self.environment = environment
  }

  /// Plans the rollback, asks the operator, and executes the plan; without an answer nothing is
  /// changed.
  func run() -> ExitCode {
    do {
      guard arguments.run.count < 2 else {
        throw Failure(.preflight, "give only one run", remedy: "name a single RUN")
      }
      let choice = try DatabaseChoice.find(
        option: arguments.databaseURL, environment: environment)
      return try run(on: choice)
    } catch let error as UsageError {
      return console.report(error, of: Program.vectorFerry(version: ProgramVersion.current))
    } catch {
      return console.report(failure: error, asJSON: arguments.output.json)
    }
  }

  private func run(on choice: DatabaseChoice) throws -> ExitCode {
    let printer = RollbackPrinter(console: console, isSilent: arguments.output.json)
    let recorder = RollbackRecorder(database: choice.description) { [console] in
      console.diagnostics.warn("\($0)")
    }
    var options = try arguments.filled(RollbackOptions())
    options.selection.users = try arguments.selection.allUsers()
    options.place = try arguments.given.place(of: ["rollback"], options.selection)
    let rollback = RollbackRun(
      options: options, keys: try arguments.source.keyRing(environment: environment),
      recorder: recorder, environment: environment,
      isInterrupted: { Interruption.isRequested },
      connect: { [console] in try choice.connectToExisting { console.diagnostics.note("\($0)") } },
      reconnect: { [console] in
        try choice.reconnect { console.diagnostics.note("\($0)") }
      },
      observe: printer.handle)
    let plan: RollbackPlan
    switch try rollback.plan() {
    case .plan(let found): plan = found
    case .nothing(let reason):
      if arguments.output.json { console.output.print(json: RollbackPlan.nothing(reason)) }
      printer.showNothing(reason)
      return .done
    }
    printer.show(plan, database: choice.description, options: options)
    if let code = decide(plan) {
      if arguments.output.json { console.output.print(json: plan.json(exitCode: code)) }
      return code
    }
    let report = try rollback.execute(plan)
    let code = ExitCode(for: report)
    recorder.end(exitCode: code.rawValue)
    printer.finish(report, journalGap: recorder.gap)
    if arguments.output.json {
      console.output.print(json: report.json(exitCode: code, journalGap: recorder.gap))
    }
    return code
  }

  /// Asks the operator whether the plan is executed, unless the options decide.
  ///
  /// Returns nil where the plan is to be executed, and otherwise the exit code of the command.
  private func decide(_ plan: RollbackPlan) -> ExitCode? {
    if arguments.dryRun {
      console.diagnostics.note("Nothing was done: this was a dry run.")
      return plan.stores.contains { $0.failure != nil } ? .someStoresFailed : .done
    }
    if arguments.yes { return nil }
    let answer = arguments.output.json ? Answer.nobody : console.confirm("Roll back?")
    switch answer {
    case .yes: return nil
    case .no: console.diagnostics.note("Nothing was done.")
    case .nobody:
      console.diagnostics.fail("there is no terminal to ask for confirmation; nothing was done")
      console.diagnostics.note("  Remedy: check the plan, then run again with --yes")
    }
    return .preflightFailed
  }
}
