internal import Arguments
internal import JSON
internal import Postgres
internal import Stores
internal import VectorIndex

extension IndexCommand {
  /// Shows the state of the indexes; an INVALID index gives exit code 1.
  func status(_ arguments: ParsedArguments<IndexStatusOptions>) -> ExitCode {
    attempt(arguments.database, asJSON: arguments.output.json, watches: false) { sessions, table in
      var status = try IndexStatus.read(sessions.working, table: table)
      if let bound = arguments.maximumP95 {
        try status.measure(on: sessions.working, bound: Double(bound))
      }
      let code: ExitCode = status.hasInvalid ? .someStoresFailed : .done
      if arguments.output.json {
        console.output.print(json: status.json(database: sessions.database, exitCode: code))
      } else {
        IndexPrinter(console: console, isSilent: false).show(status)
      }
      return code
    }
  }

  /// Repairs INVALID indexes; an index that cannot be repaired gives exit code 1.
  func repair(_ arguments: ParsedArguments<IndexRepairOptions>) -> ExitCode {
    attempt(arguments.database, asJSON: arguments.output.json) { sessions, table in
      let printer = IndexPrinter(console: console, isSilent: arguments.output.json)
      let repair = try IndexRepair(
        table: table, on: sessions.working, watcher: sessions.watching, observe: printer.handle)
      defer { printer.endProgress() }
      let repaired = try repair.run()
      printer.endProgress()
      let code: ExitCode =
        repaired.contains { $0.action == .failed } ? .someStoresFailed : .done
      if arguments.output.json {
        console.output.print(json: [
          "database": .string(sessions.database),
          "indexes": .array(
            repaired.map { index in
              [
                "name": .string(index.name), "action": .string(index.action.rawValue),
                "reason": JSONValue(index.reason),
              ]
            }),
          "exit_code": .int(Int(code.rawValue)),
        ])
      } else {
        printer.show(repaired)
      }
      return code
    }
  }
}
