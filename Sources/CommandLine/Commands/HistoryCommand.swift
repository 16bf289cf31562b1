internal import Clock
internal import Messages
internal import Arguments
internal import JSON
internal import Journal
internal import Ledger
internal import Machine
internal import Stores

/// The command `history`, which shows every run of the operator's journal, newest first, or one run
/// with its stores.
struct HistoryCommand {
  private let arguments: ParsedArguments<HistoryOptions>
  private let console: Console

  init(_ arguments: ParsedArguments<HistoryOptions>, console: Console) {
    self.arguments = arguments
    self.console = console
  }

  /// Prints the runs, or the run that the operator names.
  func run() -> ExitCode {
    let path = RunJournal.path(in: arguments.backup.directory)
    do {
      let journal = try RunJournal.openReadOnly(path: path)
      if let name = try runName() {
        try show(journal.run(namedByOperator: name), in: journal)
      } else {
        show(try journal.history(limit: arguments.limit))
      }
      return .done
    } catch let failure as Failure {
      return console.report(failure: failure, asJSON: arguments.output.json)
    } catch {
      console.diagnostics.fail("\(String(describing: error))")
      return ExitCode(for: error)
    }
  }

  /// Returns the run that the words name, nil where there are no words.
  private func runName() throws(Failure) -> String? {
    var words = arguments.words[...]
    guard !words.isEmpty else { return nil }
    if words.first == "show" { words.removeFirst() }
    guard words.count == 1, let name = words.first, !name.isEmpty else {
      throw Failure(
        .preflight, "history shows all runs, or one run: history show RUN",
        remedy: "list the runs with: vector-ferry history")
    }
    return name
  }

  private func show(_ runs: [RunRecord]) {
    if arguments.output.json {
      console.output.print(json: ["runs": .array(runs.map { .object($0.json) })])
      return
    }
    guard !runs.isEmpty else {
      console.print("No run is recorded in \(arguments.backup.directory)")
      return
    }
    var table = Table([
      .left("RUN"), .left("KIND"), .time("BEGAN"), .left("STATE"),
      .right("EXIT", isOptional: true), .right("SUCCEEDED", isOptional: true),
      .right("UNCHANGED", isOptional: true), .right("EMPTY", isOptional: true), .right("FAILED"),
      .right("ROLLED BACK", isOptional: true), .right("NOT FINISHED", isOptional: true),
      .left("DATABASE", isOptional: true),
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

  private func show(_ run: RunRecord, in journal: RunJournal) throws {
    let stores = try journal.stores(of: run.id)
    let events = try journal.events(of: run.id)
    guard !arguments.output.json else {
      var document = run.json
      document["stores"] = .array(
        try stores.map { $0.json(try journal.timings(of: $0.name, in: run.id)) })
      document["events"] = .array(events.map(\.json))
      return console.output.print(json: .object(document))
    }
    let facts = run.facts
    let exit: Message = run.exitStatus.map { ", exit code \($0)" } ?? ""
    console.printLines(of: "Run \(run.id.description)")
    console.print("Kind: \(facts.mode.rawValue), by version \(facts.version)")
    console.print("State: \(run.state.rawValue)" + exit)
    console.print("Began: \(run.startedAt.description)")
    if let end = run.finishedAt {
      let milliseconds = end.millisecondsSince1970 - run.startedAt.millisecondsSince1970
      console.printLines(
        of: "Ended: \(end.description), after \(duration(.milliseconds(max(0, milliseconds))))")
    }
    console.printLines(of: "Host: \(run.process.host), process \(run.process.pid)")
    console.printLines(of: "Options: \(facts.options)")
    console.printLines(of: "Database: \(facts.database)")
    if let table = facts.table { console.printLines(of: "Table: \(table)") }
    if let undone = facts.undoneRun { console.print("Rolls back run: \(undone.description)") }
    console.print()
    if stores.isEmpty { console.print("The journal lists no stores of this run") }
    let isOver = run.state != .running
    StoreTable(console: console, limit: arguments.isGiven(\.limit) ? arguments.limit : nil).show(
      stores.map { store in
        StoreTable.Row(
          name: store.name, outcome: store.word(afterItsRun: isOver),
          isInOrder: !(store.outcome.isFailure || isOver && !store.outcome.isFinal),
          documents: store.facts.documents,
          time: (store.finishedAt ?? store.startedAt)?.description ?? "",
          remarks: store.reason ?? "")
      })
    for event in events {
      let store = event.store.map { "\($0.description): " } ?? ""
      console.printLines(of: "\(event.at.description) \(store)\(event.message)")
    }
  }
}

extension StoreRecord {
  /// Returns the outcome in words.
  fileprivate func word(afterItsRun isOver: Bool) -> String {
    if isOver, !outcome.isFinal { return stage == nil ? "not begun" : "not finished" }
    return outcome.rawValue.split(separator: "_").joined(separator: " ")
  }

  fileprivate func json(_ timings: [StageTiming]) -> JSONValue {
    [
      "user": .string(name.user), "collection": .string(name.collection), "path": .string(path),
      "outcome": .string(outcome.rawValue), "stage": JSONValue(stage?.rawValue),
      "reason": JSONValue(reason), "documents": JSONValue(facts.documents),
      "vectors": JSONValue(facts.vectors), "dimensions": JSONValue(facts.dimensions),
      "source_digest": JSONValue(facts.sourceDigest), "backup": JSONValue(facts.backupPath),
      "started_at": JSONValue(startedAt?.description),
      "finished_at": JSONValue(finishedAt?.description),
      "stages": .array(
        timings.map { timing in
          [
            "stage": .string(timing.stage.rawValue),
            "started_at": .string(timing.startedAt.description),
            "milliseconds": JSONValue(timing.milliseconds),
          ]
        }),
    ]
  }
}

extension Event {
  fileprivate var json: JSONValue {
    [
      "at": .string(at.description), "user": JSONValue(store?.user),
      "collection": JSONValue(store?.collection), "message": .string(message),
    ]
  }
}

extension RunRecord {
  /// The run as `history --json` shows it.
  fileprivate var json: JSONObject {
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
