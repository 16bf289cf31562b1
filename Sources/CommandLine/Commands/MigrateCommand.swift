internal import Arguments
internal import Messages
internal import Backups
internal import Models
internal import Embedding
internal import Ledger
internal import Migration
internal import Postgres
internal import StoreEmbedding
internal import Stores
internal import Unlisted

/// The command `migrate`, which reads the arguments, runs the migration, and reports the result.
struct MigrateCommand {
  private let arguments: ParsedArguments<MigrateOptions>
  private let console: Console
  private let environment: [String: String]

  init(
    _ arguments: ParsedArguments<MigrateOptions>, console: Console,
    environment: [String: String]
  ) {
    self.arguments = arguments
    self.console = console
    self.environment = environment
  }

  /// Runs the migration and prints its report; every failure becomes an exit code here.
  func run() -> ExitCode {
    if arguments.adopt, arguments.alongside {
      return console.report(
        UsageError(
          path: ["migrate"], fault: .incompatible(flag: "--adopt", with: "--alongside")),
        of: Program.vectorFerry(version: ProgramVersion.current))
    }
    if !arguments.reembed, let option = arguments.service.firstGiven {
      return console.report(
        UsageError(path: ["migrate"], fault: .dependent(flag: option, on: "--reembed")),
        of: Program.vectorFerry(version: ProgramVersion.current))
    }
    do {
      var options = try arguments.filled(MigrationOptions())
      options.selection.users = try arguments.selection.allUsers()
      options.place = try arguments.given.place(of: ["migrate"], options.selection)
      if arguments.reembed {
        options.newVectors = NewVectors(
          try arguments.service.settings(environment: environment),
          directory: options.backupDirectory)
      }
      if options.mode == .dryRun, arguments.report != nil {
        return console.report(
          UsageError(
            path: ["migrate"], fault: .incompatible(flag: "--report", with: "--dry-run")),
          of: Program.vectorFerry(version: ProgramVersion.current))
      }
      let page = try arguments.report.map { path throws(Failure) in try ReportFile(path) }
      try page?.checkIsFree()
      let choice = try DatabaseChoice.find(
        option: arguments.target.databaseURL, environment: environment)
      guard try isConfirmed(options) else { return .preflightFailed }
      let logs = try RunLogs(
        arguments.logging, options, database: choice.description, console: console,
        environment: environment)
      return try logs.record { try run(options, on: choice, logs, page: page) }
    } catch let error as UsageError {
      return console.report(error, of: Program.vectorFerry(version: ProgramVersion.current))
    } catch {
      return console.report(failure: error, asJSON: arguments.output.json)
    }
  }

  private func run(
    _ options: MigrationOptions, on choice: DatabaseChoice, _ logs: RunLogs, page: ReportFile?
  ) throws -> ExitCode {
    let journal = JournalRecorder(
      directory: options.backupDirectory, database: choice.description,
      options: record(of: options).joined(separator: " "),
      warn: { [console] in console.diagnostics.warn("\($0)") })
    let printer = MigrationPrinter(
      options: options, database: choice.description, console: console,
      printsReport: !arguments.output.json, isQuiet: arguments.detail.quiet,
      verbosity: arguments.detail.verbose)
    let confirm: @Sendable (MigrationPlan) throws(Failure) -> Void = {
      [self] plan throws(Failure) in
      try confirmFirstRun(of: plan, into: choice.description)
    }
    let run = MigrationRun(
      options: options, keys: try arguments.source.keyRing(environment: environment),
      journal: journal, environment: environment,
      isInterrupted: { Interruption.isRequested },
      connect: { [console] in
        try choice.connect(mayStart: options.mode == .live) { console.diagnostics.note("\($0)") }
      },
      reconnect: { [console] in
        try choice.reconnect { console.diagnostics.note("\($0)") }
      },
      connectFirst: { [console] in
        let isLive = options.mode == .live
        if isLive, try choice.isStillToBeMade { return nil }
        return try choice.connect(mayStart: isLive) { console.diagnostics.note("\($0)") }
      },
      follow: { event in
        printer.follow(event)
        logs.follow(event)
      }, observe: printer.handle, confirmFirstRun: confirm,
      beforeWriting: { [self] in if options.dumpsFirst { try dump(choice, options) } })
    printer.begin()
    let report: MigrationReport
    do throws(Failure) {
      report = try run.run()
    } catch {
      printer.abandon()
      journal.end(exitCode: ExitCode(for: error).rawValue)
      RunPages(of: journal.run, in: options.backupDirectory, requested: page, connect: nil)
        .report(on: console)
      throw error
    }
    console.addStatistics(report.usage) {
      try choice.connectToExisting { [console] in console.diagnostics.note("\($0)") }
    }
    let code = ExitCode(
      for: report, stopsAtLimit: LimitForecast(report.plan, options)?.stopsRun ?? false)
    journal.record(report)
    journal.end(exitCode: code.rawValue)
    logs.note(report)
    let pages = RunPages(
      of: journal.run, in: options.backupDirectory, requested: page,
      connect: report.outage == nil
        ? { try choice.reconnect { [console] in console.diagnostics.note("\($0)") } } : nil)
    printer.finish(report, journalGap: journal.gap)
    pages.report(on: console)
    let timings =
      arguments.timings
      ? RunTimingsTable(report.timings, jobs: report.plan.jobs, seconds: report.seconds) : nil
    if let timings, !arguments.output.json {
      console.print()
      for line in timings.lines { console.print(line) }
    }
    if arguments.output.json {
      let document = MigrationDocument(
        report: report, options: options, database: choice.description, journalGap: journal.gap,
        page: pages.paths.first, timings: timings)
      console.output.print(json: document.json(exitCode: code))
    }
    return code == .done && pages.lacksRequested ? .someStoresFailed : code
  }

  /// Returns the options as words for the journal, without secrets.
  private func record(of options: MigrationOptions) -> [String] {
    arguments.record(of: MigrationOptions.self)
      + (options.place.map { ["--from", $0.path] } ?? [])
      + (options.newVectors.map { ["--reembed", $0.settings.origin.options] } ?? [])
  }

  /// Dumps the database before the run, and removes dumps that are older than a week.
  private func dump(_ choice: DatabaseChoice, _ options: MigrationOptions) throws {
    let connection = try choice.connectToExisting { console.diagnostics.note("\($0)") }
    let dumps = DatabaseDumps(
      backupDirectory: options.backupDirectory, environment: environment,
      isInterrupted: { Interruption.isRequested })
    let dump = try dumps.make(of: connection)
    console.diagnostics.note("Dumped the database to \(dump.path)")
    for old in try dumps.prune(after: dump, olderThanDays: 7) {
      console.diagnostics.note("Removed the old dump \(old.path)")
    }
  }

  /// Asks the operator before the first run into a database.
  ///
  /// Where nobody can answer, as in a script, the run continues.
  private func confirmFirstRun(of plan: MigrationPlan, into database: String) throws(Failure) {
    guard !arguments.yes else { return }
    let documents = plan.toMigrate.reduce(0) { $0 + ($1.contents?.documents ?? 0) }
    let question: Message = """
      No run has been made into this database yet: \(database). This run will write \
      \(counted(plan.toMigrate.count, "store")) with \(counted(documents, "document")) to table \
      \(plan.target.table.description). Continue?
      """
    guard console.confirm(question) == .no else { return }
    if Interruption.isRequested { throw Failure(.interrupted, "interrupted: nothing was written") }
    throw Failure(
      .preflight, "the run was not confirmed: nothing was written",
      remedy: "see the whole plan with --dry-run; --yes runs without a question")
  }

  /// Asks the operator before a run with an option that may replace data or that skips the backup.
  ///
  /// Where nobody can answer, as in a script, the option itself counts as consent.
  private func isConfirmed(_ options: MigrationOptions) throws -> Bool {
    guard options.mode == .live, !arguments.yes else { return true }
    var risks: [Message] = []
    if options.unlisted == .adopt {
      risks.append(
        """
        record rows of other programs as this run's documents where the texts are equal, and \
        replace vectors and metadata of these rows that differ from the files
        """)
    }
    if options.force { risks.append("replace documents that were edited in the database") }
    if !options.makesBackups { risks.append("write without copying the files first") }
    guard !risks.isEmpty else { return true }
    let question: Message = "This will " + risks.joined(separator: " and ") + ". Continue?"
    switch console.confirm(question) {
    case .yes, .nobody: return true
    case .no:
      console.diagnostics.note("Nothing was done.")
      return false
    }
  }
}
