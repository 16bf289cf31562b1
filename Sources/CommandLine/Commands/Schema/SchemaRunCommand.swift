internal import Postgres
internal import Schema

/// `schema up|down|redo|refresh|apply|revert`: shows the plan, asks, executes, tells.
struct SchemaRunCommand {
  private let command: SchemaCommand
  private let arguments: ParsedArguments<SchemaRunOptions>
  private var console: Console { command.console }

  init(_ command: SchemaCommand, _ arguments: ParsedArguments<SchemaRunOptions>) {
    self.command = command
    self.arguments = arguments
  }

  private var options: SchemaOptions {
    var options = SchemaOptions()
    let forced = command.environment["FORCE_MIGRATION"]?.lowercased() ?? ""
    options.force = arguments.force || ["true", "1", "yes", "on"].contains(forced)
    options.allowsOutOfOrder = arguments.allowOutOfOrder
    options.allowsPooler = arguments.allowPooler
    options.lockTimeout = Int(arguments.lockTimeout * 1000)
    options.patience = arguments.lockWait
    return options
  }

  /// The five steps of a guided run.
  func run(_ request: SchemaRequest) throws -> ExitCode {
    let set = try command.set(arguments.source)
    let database = try command.database(arguments.source)
    console.print("=== Schema migration: \(set.name, .bold) ===")
    console.print("Database: \(database.description)")
    console.show(set.reading)
    let connection = try command.connect(database, mayStart: !arguments.dryRun)
    let guide = SchemaGuide(console: console)
    try guide.checkExtension(set, on: connection)
    try guide.checkTables(set, on: connection)
    let printer = SchemaEventPrinter(console: console)
    let runner = SchemaRunner(
      connection: connection, set: set, options: options, observe: printer.show)
    let plan = try runner.plan(request)
    let outdated = request.goesUp ? try set.outdatedInstallation(on: connection) : nil
    try guide.showPlan(plan, for: request, outdated: outdated, on: connection)
    guard !plan.steps.isEmpty else {
      if plan.needsRun { _ = try runner.run(request, plan: plan) }
      if outdated == nil || arguments.dryRun { return .done }
      guard try mayGoOn(plan) else { return .preflightFailed }
      return try bringUp(connection)
    }
    if arguments.dryRun { return try dryRun(plan, runner) }
    guard try mayGoOn(plan) else { return .preflightFailed }
    if arguments.dumpFirst {
      try SchemaDump(command: command, arguments: arguments).take(of: database)
    }
    let code = try execute(request, plan, runner, guide)
    return outdated == nil ? code : try bringUp(connection)
  }

  /// Makes the program's own functions anew, in one transaction.
  private func bringUp(_ connection: Connection) throws -> ExitCode {
    try FerrySchema.install(on: connection)
    console.print("The schema vector_ferry has version \(FerrySchema.currentVersion) now.")
    return .done
  }

  private func execute(
    _ request: SchemaRequest, _ plan: SchemaPlan, _ runner: SchemaRunner, _ guide: SchemaGuide
  ) throws -> ExitCode {
    console.print("[5/5] Executing migration...")
    let outcome = try runner.run(request, plan: plan)
    guide.showOutcome(outcome)
    return .done
  }

  private func dryRun(_ plan: SchemaPlan, _ runner: SchemaRunner) throws -> ExitCode {
    let trial = try runner.tryOut(plan, isProduction: arguments.environment == .production)
    SchemaTrialPrinter(console: console).show(trial)
    return trial.failure == nil ? .done : .someStoresFailed
  }

  // MARK: Questions

  private func mayGoOn(_ plan: SchemaPlan) throws -> Bool {
    let isDangerous = arguments.environment == .production && plan.dropsSomething
    if isDangerous { return mayDrop(plan) }
    if arguments.yes { return true }
    return asked("  Continue? (yes/no):", unattended: "give --yes")
  }

  private func mayDrop(_ plan: SchemaPlan) -> Bool {
    console.print("  This takes something away in production:")
    for line in plan.droppingStatements { console.print("    \(line)") }
    if arguments.yes && arguments.allowDrops { return true }
    return asked(
      "  Drop it in production? (yes/no):", unattended: "give --yes together with --allow-drops")
  }

  private func asked(_ question: Message, unattended: Message) -> Bool {
    switch console.agree(question) {
    case .yes: return true
    case .no:
      console.diagnostics.note("Nothing was executed.")
      return false
    case .nobody:
      console.diagnostics.fail("there is no terminal to ask, and nothing was executed")
      console.diagnostics.note("  Remedy: \(unattended)")
      return false
    }
  }
}
