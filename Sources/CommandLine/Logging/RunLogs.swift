internal import Arguments
internal import JSON
internal import Ledger
internal import Machine
internal import Messages
internal import Migration
internal import Synchronization

/// Passes a run on to other programs: as events, as metrics, and by a command after the run.
final class RunLogs: Sendable {
  private let events: EventLog
  private let metrics: MetricsFile?
  private let command: FinishCommand?
  private let console: Console
  private let report = Mutex<MigrationReport?>(nil)

  /// Opens what the options name, and writes the first event; throws where a place cannot be
  /// written to.
  init(
    _ arguments: ParsedArguments<LoggingOptions>, _ options: MigrationOptions,
    database: String, console: Console, environment: [String: String]
  ) throws(Failure) {
    self.console = console
    let warn: @Sendable (String) -> Void = { console.diagnostics.warn("\($0)") }
    events = try EventLog(file: arguments.logFile, descriptor: arguments.events, warn: warn)
    var metrics: MetricsFile?
    if let path = arguments.metricsFile { metrics = try MetricsFile(path: path, warn: warn) }
    self.metrics = metrics
    command = arguments.onFinish.map { FinishCommand(command: $0, inherited: environment) }
    events.write(
      "run_started",
      [
        "version": .string(ProgramVersion.current), "mode": .string(options.mode.rawValue),
        "user_data_directory": .string(options.userDataDirectory),
        "backup_directory": .string(options.backupDirectory),
        "database": .string(database),
      ])
  }

  /// Takes an event of the run into account.
  func follow(_ event: MigrationEvent) {
    events.follow(event)
    metrics?.follow(event)
  }

  /// Keeps the report of the run for the last event.
  func note(_ report: MigrationReport) { self.report.withLock { $0 = report } }

  /// Carries out the run, writes the last event, and runs the operator's command.
  func record(_ run: () throws -> ExitCode) throws -> ExitCode {
    do {
      let code = try run()
      finish(code, failure: nil)
      return code
    } catch {
      finish(ExitCode(for: error), failure: Failure(error))
      throw error
    }
  }

  private func finish(_ code: ExitCode, failure: Failure?) {
    let report = report.withLock { $0 }
    var members: JSONObject = ["exit_code": .int(Int(code.rawValue))]
    if let report {
      members["stores"] = .int(report.plan.stores.count)
      members["successful"] = .int(report.successful)
      members["failed"] = .int(report.failed)
      members["not_begun"] = .int(report.notBegun.count)
      members["documents"] = .int(report.documents)
      members["seconds"] = .double(report.seconds)
      members["interrupted"] = .bool(report.wasInterrupted)
      var stages = JSONObject()
      for time in report.timings { stages[time.stage.rawValue] = .double(time.seconds) }
      members["stage_seconds"] = .object(stages)
    }
    members["failure"] = failure?.json ?? .null
    events.write("run_finished", members)
    metrics?.finish(exitCode: code)
    if let problem = command?.run(report, exitCode: code) {
      console.diagnostics.warn("the command of --on-finish failed: \(problem)")
    }
  }
}
