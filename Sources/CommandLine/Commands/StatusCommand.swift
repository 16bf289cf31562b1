internal import Journal
internal import Migration
internal import Stores

/// `status`: each store with what became of it last, from the operator's journal.
struct StatusCommand {
  private let arguments: ParsedArguments<StatusOptions>
  private let console: Console

  init(_ arguments: ParsedArguments<StatusOptions>, console: Console) {
    self.arguments = arguments
    self.console = console
  }

  /// Prints the stores; some that failed make the exit code 1.
  func run() -> ExitCode {
    let path = JournalRecorder.path(in: arguments.backup.directory)
    do {
      let journal = try RunJournal.openReadOnly(path: path)
      let stores = try journal.lastOutcomes()
      let failed = Set(try journal.failedStores().map(\.name))
      var left: Set<Journal.StoreName> = []
      for store in stores where !store.outcome.isFinal {
        // What a run has left when it ended or died is not being worked on.
        if try journal.run(store.run)?.state != .running { left.insert(store.name) }
      }
      show(stores, failed: failed, left: left)
      return failed.isEmpty ? .done : .someStoresFailed
    } catch {
      console.diagnostics.fail("\(String(describing: error))")
      return .preflightFailed
    }
  }

  private func show(
    _ stores: [StoreRecord], failed: Set<Journal.StoreName>, left: Set<Journal.StoreName>
  ) {
    if arguments.output.json {
      console.output.print(json: [
        "stores": .array(stores.map { $0.json(isLeft: left.contains($0.name)) })
      ])
      return
    }
    guard !stores.isEmpty else {
      console.print("No run is recorded in \(arguments.backup.directory)")
      return
    }
    var table = Table([
      .left("USER"), .left("COLLECTION"), .left("OUTCOME"), .right("DOCUMENTS"), .left("WHEN"),
      .left("REASON"),
    ])
    for store in stores {
      table.append([
        "\(store.name.user)", "\(store.name.collection)",
        Message(
          left.contains(store.name) ? "not finished" : store.outcome.rawValue,
          failed.contains(store.name) ? .red : .green),
        "\(store.facts.documents.map { grouped($0) } ?? "")",
        "\((store.finishedAt ?? store.startedAt)?.description ?? "")",
        "\(store.reason ?? "")",
      ])
    }
    console.print(table)
    if !failed.isEmpty {
      console.print("\(counted(failed.count, "store")) failed or left: run again with --failed")
    }
  }
}

/// `history`: every run, newest first, from the operator's journal.
struct HistoryCommand {
  private let arguments: ParsedArguments<HistoryOptions>
  private let console: Console

  init(_ arguments: ParsedArguments<HistoryOptions>, console: Console) {
    self.arguments = arguments
    self.console = console
  }

  /// Prints the runs.
  func run() -> ExitCode {
    let path = JournalRecorder.path(in: arguments.backup.directory)
    do {
      let runs = try RunJournal.openReadOnly(path: path).history(limit: arguments.limit)
      show(runs)
      return .done
    } catch {
      console.diagnostics.fail("\(String(describing: error))")
      return .preflightFailed
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
      .right("SUCCEEDED"),
      .right("UNCHANGED"), .right("FAILED"), .left("DATABASE"),
    ])
    for run in runs {
      table.append([
        "\(String(run.id.description.prefix(8)))", "\(run.facts.mode.rawValue)",
        "\(run.startedAt.description)",
        "\(run.state.rawValue)", "\(run.exitStatus.map(String.init) ?? "")",
        "\(run.tally[.succeeded, default: 0])", "\(run.tally[.unchanged, default: 0])",
        "\(run.tally[.failed, default: 0])", "\(run.facts.database)",
      ])
    }
    console.print(table)
  }
}

extension StoreRecord {
  /// The store as `status --json` shows it.
  fileprivate func json(isLeft: Bool) -> JSONValue {
    [
      "user": .string(name.user), "collection": .string(name.collection), "path": .string(path),
      "outcome": .string(isLeft ? "not_finished" : outcome.rawValue),
      "stage": JSONValue(stage?.rawValue),
      "reason": JSONValue(reason), "documents": JSONValue(facts.documents),
      "vectors": JSONValue(facts.vectors), "dimensions": JSONValue(facts.dimensions),
      "source_digest": JSONValue(facts.sourceDigest), "backup": JSONValue(facts.backupPath),
      "run": .string(run.description), "started_at": JSONValue(startedAt?.description),
      "finished_at": JSONValue(finishedAt?.description),
    ]
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
      "database": .string(facts.database), "host": .string(process.host),
      "pid": .int(process.pid), "started_at": .string(startedAt.description),
      "finished_at": JSONValue(finishedAt?.description), "state": .string(state.rawValue),
      "exit_code": JSONValue(exitStatus), "outcomes": .object(outcomes),
    ]
  }
}
