internal import Arguments
internal import Ledger
internal import Postgres
internal import VectorIndex

extension IndexCommand {
  /// Decides which index to build, shows what the build needs, and builds the index.
  func build(_ arguments: ParsedArguments<IndexBuildOptions>) -> ExitCode {
    attempt(arguments.database, asJSON: arguments.output.json) { sessions, table in
      var decision = try BuildDecision.make(
        try BuildRequest(method: arguments.method, arguments.tuning), table: table,
        on: sessions.working,
        ignoring: sessions.watching.map { [$0.backendPID] } ?? [])
      let printer = IndexPrinter(console: console, isSilent: arguments.output.json)
      printer.show(decision)
      var outcome: IndexBuild.Outcome?
      if case .build(let plan) = decision, !arguments.dryRun {
        let build = IndexBuild(
          plan, on: sessions.working, watcher: sessions.watching, observe: printer.handle)
        defer { printer.endProgress() }
        do {
          outcome = try build.run()
        } catch let quicker as IndexBuiltMeanwhile {
          decision = .exists(quicker.index)
          printer.show(decision)
        }
      }
      if let outcome { printer.show(outcome) }
      if arguments.output.json {
        console.output.print(
          json: decision.json(outcome, isDry: arguments.dryRun, database: sessions.database))
      }
      return .done
    }
  }
}
