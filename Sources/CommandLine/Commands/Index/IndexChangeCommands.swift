internal import Arguments
internal import Postgres
internal import VectorIndex

extension IndexCommand {
  /// Changes the method of the index.
  ///
  /// The exit code is 1 where the old index stays, because the new one finds less or is not used.
  func convert(_ arguments: ParsedArguments<IndexConvertOptions>) -> ExitCode {
    attempt(arguments.database, asJSON: arguments.output.json) { sessions, table in
      let method = arguments.method
      let request = try arguments.filled(
        IndexConversion.Request(try BuildRequest(method: method, arguments.tuning)))
      let printer = IndexPrinter(console: console, isSilent: arguments.output.json)
      defer { printer.endProgress() }
      let outcome = try IndexConversion(
        table: table, on: sessions.working, watcher: sessions.watching, observe: printer.handle
      ).run(to: method, request)
      let code: ExitCode = outcome.ending == .refused ? .someStoresFailed : .done
      printer.show(outcome)
      if arguments.output.json {
        console.output.print(json: outcome.json(database: sessions.database, exitCode: code))
      }
      return code
    }
  }

  /// Measures search settings and recommends one of them; the exit code is 1 where no setting
  /// reaches the recall that the operator wants.
  func tune(_ arguments: ParsedArguments<IndexTuneOptions>) -> ExitCode {
    attempt(arguments.database, asJSON: arguments.output.json, watches: false) { sessions, table in
      let request = try arguments.filled(IndexTuning.Request())
      let printer = IndexPrinter(console: console, isSilent: arguments.output.json)
      defer { printer.endProgress() }
      let outcome = try IndexTuning(table: table, on: sessions.working, observe: printer.handle)
        .run(request)
      let code: ExitCode = outcome.isReached ? .done : .someStoresFailed
      printer.show(outcome, wanted: request.recall)
      if arguments.output.json {
        console.output.print(json: outcome.json(database: sessions.database, exitCode: code))
      }
      return code
    }
  }
}
