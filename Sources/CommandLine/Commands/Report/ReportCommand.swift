internal import Arguments
internal import Journal
internal import Ledger
internal import Machine
internal import Messages
internal import Postgres
internal import Report

/// The command `report`, which writes the page of a run again, from the journal and the ledger.
struct ReportCommand {
  private let arguments: ParsedArguments<ReportOptions>
  private let console: Console
  private let environment: [String: String]

  init(
    _ arguments: ParsedArguments<ReportOptions>, console: Console, environment: [String: String]
  ) {
    self.arguments = arguments
    self.console = console
    self.environment = environment
  }

  /// Writes the page and prints the path of the file.
  func run() -> ExitCode {
    do {
      let given = try arguments.output.map { path throws(Failure) in try ReportFile(path) }
      let directory = arguments.backup.directory
      let journal = try RunJournal.openReadOnly(path: RunJournal.path(in: directory))
      let run = try self.run(in: journal)
      let choice = try DatabaseChoice.find(
        option: arguments.databaseURL, environment: environment)
      let page = try RunPageReader(
        backupDirectory: directory,
        connect: { try choice.connect(mayStart: false) { console.diagnostics.note("\($0)") } }
      ).page(of: run, in: journal)
      for gap in page.gaps { console.diagnostics.warn("\(gap)") }
      let file = given ?? ReportFile(of: run.id, in: directory)
      if given == nil { try file.replace(with: page) } else { try file.write(page) }
      console.print("Page of run \(String(run.id.description.prefix(8))) written to \(file.path)")
      return .done
    } catch {
      return console.report(failure: Failure(error), asJSON: false)
    }
  }

  private func run(in journal: RunJournal) throws -> RunRecord {
    guard arguments.run == "latest" else { return try journal.run(namedByOperator: arguments.run) }
    guard let run = try journal.history(limit: 1).first else {
      throw Failure(
        .preflight, "no run is recorded in \(arguments.backup.directory)",
        remedy: "name the directory of the backups with --backup-dir")
    }
    return run
  }
}

extension RunJournal {
  /// Returns the only run whose id begins with `name`.
  func run(namedByOperator name: String) throws -> RunRecord {
    let runs = try runs(named: name.lowercased())
    guard let run = runs.first, runs.count == 1 else {
      throw Failure(
        .preflight,
        runs.isEmpty
          ? "the journal has no run \(name)"
          : "\(runs.count) runs have ids that begin with \(name)",
        remedy: "list the runs with: vector-ferry history")
    }
    return run
  }
}
