internal import Arguments
internal import Messages
internal import Postgres
internal import MigrationFiles
internal import OwnSchema
internal import Schema
internal import Stores

/// The commands `schema up|down|redo|refresh|apply|revert`, which show a plan, ask the operator,
/// and execute the plan.
struct SchemaRunCommand {
  private let command: SchemaCommand
  private let results: Console
  private let arguments: ParsedArguments<SchemaRunOptions>
  private var console: Console { command.console }

  init(_ command: SchemaCommand, _ arguments: ParsedArguments<SchemaRunOptions>) {
    results = command.console
    // With --json, only the document goes to standard output.
    self.command =
      arguments.output.json
      ? SchemaCommand(console: command.console.silent, environment: command.environment) : command
    self.arguments = arguments
  }

  private var options: SchemaOptions {
    get throws {
      var options = try arguments.filled(SchemaOptions())
      let forced = command.environment["FORCE_MIGRATION"]?.lowercased() ?? ""
      if ["true", "1", "yes", "on"].contains(forced) { options.force = true }
      return options
    }
  }

  private var isProduction: Bool { arguments.environment == .production }

  /// Runs the request: prints the five steps of a guided run, or with `--json` one document.
  func run(_ request: SchemaRequest) throws -> ExitCode {
    guard arguments.output.json else {
      var record = SchemaRunRecord()
      return try run(request, &record)
    }
    var record = SchemaRunRecord()
    let code: ExitCode
    do {
      code = try run(request, &record)
    } catch {
      code = command.report(error)
      record.failure = "\(error)"
    }
    results.output.print(json: record.json(isDryRun: arguments.dryRun, code: code))
    return code
  }

  private func run(_ request: SchemaRequest, _ record: inout SchemaRunRecord) throws -> ExitCode {
    let set = try command.set(arguments.source)
    let database = try command.database(arguments.source)
    record.set = set.name
    record.database = database.description
    console.print("=== Schema migration: \(set.name, .bold) ===")
    console.print("Database: \(database.description)")
    console.show(set.reading)
    let connection = try command.connect(database, mayStart: !arguments.dryRun)
    let guide = SchemaGuide(console: console)
    try guide.checkExtension(set, on: connection)
    try guide.checkTables(set, on: connection)
    let printer = SchemaEventPrinter(console: console)
    let runner = SchemaRunner(
      connection: connection, set: set, options: try options, observe: printer.show)
    let plan = try runner.plan(request)
    record.plan = plan
    let outdated = request.goesUp ? try set.outdatedInstallation(on: connection) : nil
    guide.showPlan(plan, for: request, outdated: outdated)
    guard !plan.steps.isEmpty else {
      if plan.needsRun { _ = try runner.run(request, plan: plan) }
      for step in try runner.state().nextSteps(on: connection) {
        console.print("\("Next:", .yellow) \(step)")
      }
      guard let outdated, !arguments.dryRun else { return .done }
      guard isConfirmed() else { return .preflightFailed }
      return try bringUp(outdated, connection)
    }
    if arguments.dryRun { return try dryRun(plan, runner, &record) }
    let consent = try preview(plan, set, database, &record)
    try consent.check()
    guard isConfirmed() else { return .preflightFailed }
    if arguments.dumpFirst {
      try SchemaDump(command: command, arguments: arguments).take(of: database)
    }
    console.print("[5/5] Executing migration...")
    let outcome = try runner.run(request, plan: plan, allowing: consent.allowance)
    record.outcome = outcome
    guide.showOutcome(outcome)
    for step in try runner.state().nextSteps(on: connection) {
      console.print("\("Next:", .yellow) \(step)")
    }
    guard let outdated else { return .done }
    return try bringUp(outdated, connection)
  }

  /// Updates the program's own schema and its functions, in one transaction.
  private func bringUp(_ outdated: OutdatedInstallation, _ connection: Connection) throws
    -> ExitCode
  {
    try FerrySchema.install(on: connection)
    switch outdated {
    case .version:
      console.print("The schema vector_ferry has version \(FerrySchema.currentVersion) now.")
    case .functions:
      console.print("The functions of the schema vector_ferry are up to date now.")
    }
    return .done
  }

  // MARK: What would be lost

  /// The number of seconds for which the trial of a preview may hold its locks, unless an option
  /// sets another number.
  private static let trialSeconds = 10.0

  /// Tries the plan in a second session, rolls the trial back, and shows the losses.
  private func preview(
    _ plan: SchemaPlan, _ set: MigrationSet, _ database: DatabaseChoice,
    _ record: inout SchemaRunRecord
  ) throws -> LossConsent {
    console.diagnostics.show("  Trying the migration in a transaction that is rolled back")
    let runner = SchemaRunner(
      connection: try command.connect(database, mayStart: false), set: set, options: try options
    ) { event in
      // Only waiting is worth a line: the statements are really executed later.
      if case .waiting = event { SchemaEventPrinter(console: console).show(event) }
    }
    let trial = try runner.tryOut(
      plan, .preview(seconds: arguments.trialSeconds ?? Self.trialSeconds))
    console.diagnostics.show(nil)
    let consent = show(trial, &record)
    if let failure = trial.failure, trial.isFailureCertain {
      throw SchemaError(
        "the trial failed, and nothing was executed: \(failure)",
        remedy: trial.isRefusal
          ? "do what the migration's message asks for, and run the command again"
          : "correct the file and run the command again")
    }
    return consent
  }

  private func dryRun(
    _ plan: SchemaPlan, _ runner: SchemaRunner, _ record: inout SchemaRunRecord
  ) throws -> ExitCode {
    let trial = try runner.tryOut(
      plan, .dryRun(isProduction: isProduction, seconds: arguments.trialSeconds))
    SchemaTrialPrinter(console: console).show(trial)
    let consent = show(trial, &record)
    if let failure = trial.failure {
      console.diagnostics.fail("\(failure)")
      return .someStoresFailed
    }
    try consent.checkNames()
    if let missing = consent.missing { console.print("A run in production needs \(missing)") }
    console.print("Nothing was changed.")
    return .done
  }

  private func show(_ trial: SchemaTrial, _ record: inout SchemaRunRecord) -> LossConsent {
    let consent = LossConsent(
      preview: trial.losses, given: arguments.allowLoss, isProduction: isProduction)
    record.consent = consent
    SchemaTrialPrinter(console: console).show(trial.losses)
    if trial.losses.names.isEmpty { console.print("  Nothing is lost.") }
    for it in trial.temporary {
      console.diagnostics.warn("\(it.step.version) \(it.step.description): \(it.objects.note)")
    }
    for sequence in trial.sequencesNotRestored {
      console.diagnostics.warn(
        "the trial has changed the sequence \(sequence), and this role may not reset the "
          + "sequence: check its value"
      )
    }
    return consent
  }

  // MARK: Questions

  private func isConfirmed() -> Bool {
    if arguments.yes { return true }
    switch console.agree("  Continue? (yes/no):") {
    case .yes: return true
    case .no:
      console.diagnostics.note("Nothing was executed.")
      return false
    case .nobody:
      console.diagnostics.fail("there is no terminal to ask, and nothing was executed")
      console.diagnostics.note("  Remedy: run again with --yes")
      return false
    }
  }
}
