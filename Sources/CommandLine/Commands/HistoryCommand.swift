internal import Clock
internal import Messages
internal import Arguments
internal import JSON
internal import Journal
internal import Machine
internal import Stores

/// The command `history`, which shows every run of the operator's journal, newest first.
struct HistoryCommand {
  private let arguments: ParsedArguments<HistoryOptions>
  private let console: Console

  init(_ arguments: ParsedArguments<HistoryOptions>, console: Console) {
    self.arguments = arguments
    self.console = console
  }

  /// Prints the runs.
  func run() -> ExitCode {
    let path = RunJournal.path(in: arguments.backup.directory)
    do {
      let runs = try RunJournal.openReadOnly(path: path).history(limit: arguments.limit)
      show(runs)
      return .done
    } catch {
      console.diagnostics.fail("\(String(describing: error))")
      return ExitCode(for: error)
    }
  }

  private func show(_ runs: [RunRecord]) {
    if arguments.output.json {
      console.output.print(json: ["runs": .array(runs.map(\.json))])
      return
    }
    guard !runs.isEmpty else {
      console.print("No run is recorded in \(arguments.backup.directory)")
      return
    }
    var table = Table([
      .left("RUN"), .left("KIND"), .left("BEGAN"), .left("STATE"), .right("EXIT"),
      .right("SUCCEEDED"), .right("UNCHANGED"), .right("EMPTY"), .right("FAILED"),
      .right("ROLLED BACK"),
      .right("NOT FINISHED"), .left("DATABASE"),
    ])
    for run in runs {
      let tally = run.summary
      table.append([
        "\(String(run.id.description.prefix(8)))", "\(run.facts.mode.rawValue)",
        "\(run.startedAt.description)",
        "\(run.state.rawValue)", "\(run.exitStatus.map(String.init) ?? "")",
        "\(tally.succeeded)", "\(tally.unchanged)", "\(tally.empty)", "\(tally.failed)",
        "\(tally.rolledBack)",
        "\(tally.notFinished)", "\(run.facts.database)",
      ])
    }
    console.print(table)
  }
}

extension RunRecord {
  /// The run as `history --json` shows it.
  fileprivate var json: JSONValue {
    let counts = Dictionary(uniqueKeysWithValues: tally.map { ($0.key.rawValue, $0.value) })
    var outcomes = JSONObject()
    for (name, count) in counts.sorted(by: { $0.key < $1.key }) { outcomes[name] = .int(count) }
    return [
      "run": .string(id.description), "mode": .string(facts.mode.rawValue),
      "version": .string(facts.version), "options": .string(facts.options),
      "database": .string(facts.database), "database_identity": JSONValue(facts.identity),
      "table": JSONValue(facts.table), "takes_back": JSONValue(facts.undoneRun?.description),
      "host": .string(process.host),
      "pid": .int(process.pid), "started_at": .string(startedAt.description),
      "finished_at": JSONValue(finishedAt?.description), "state": .string(state.rawValue),
      "exit_code": JSONValue(exitStatus), "outcomes": .object(outcomes),
      "summary": [
        "succeeded": .int(summary.succeeded), "unchanged": .int(summary.unchanged),
        "empty": .int(summary.empty),
        "failed": .int(summary.failed), "rolled_back": .int(summary.rolledBack),
        "not_finished": .int(summary.notFinished),
      ],
    ]
  }
}

extension RunRecord {
  /// The numbers of stores by outcome, as the summary at the end of the run showed them.
  fileprivate var summary:
    (succeeded: Int, unchanged: Int, empty: Int, failed: Int, rolledBack: Int, notFinished: Int)
  {
    func count(_ outcomes: Outcome...) -> Int {
      outcomes.reduce(0) { $0 + tally[$1, default: 0] }
    }
    // Earlier versions recorded a successful rollback like any other success.
    let isRollback = facts.mode == .rollback
    return (
      succeeded: isRollback ? 0 : count(.succeeded), unchanged: count(.unchanged),
      empty: count(.empty),
      failed: count(.failed, .taken),
      rolledBack: count(.rolledBack, .partlyRolledBack, .restored)
        + (isRollback ? count(.succeeded) : 0),
      notFinished: count(.pending, .running, .interrupted)
    )
  }
}
