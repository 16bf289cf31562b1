internal import Migration
internal import Postgres
internal import Stores
internal import VectorIndex

/// `dimensions change|status|undo|finish`: another dimension for a column in use.
struct DimensionsCommand {
  let console: Console
  let environment: [String: String]

  /// Changes it, or goes on.
  func change(_ arguments: ParsedArguments<DimensionsChangeOptions>) -> ExitCode {
    attempt(json: arguments.output.json) {
      var options = try options(arguments.column)
      options.target = arguments.target
      options.truncates = arguments.method == .truncate
      options.acceptsFewRows = arguments.acceptFewRows
      options.minimumRecall = arguments.minimumRecall
      options.indexes = !arguments.noIndex
      options.holdTimeout = arguments.wait
      options.lockTimeout = Int(arguments.lockTimeout * 1000)
      let change = try change(options, arguments.column.database, json: arguments.output.json).run()
      if arguments.output.json { return console.output.print(json: change.json) }
      show(change)
      if change.state == .swapped {
        console.print(
          """
          The vectors of \(change.from) dimensions stay in \(change.column)_\(change.from) until \
          dimensions finish; dimensions undo puts them back.
          """)
      }
    }
  }

  /// Shows all changes.
  func status(_ arguments: ParsedArguments<DimensionsStatusOptions>) -> ExitCode {
    attempt(json: arguments.output.json) {
      let connection = try connect(arguments.database)
      do {
        try DimensionChange.repair(on: connection)
      } catch {
        console.diagnostics.warn(
          """
          what an earlier version has left here could not be made safe: \(Failure(error).reason); \
          run this as the owner of schema vector_ferry
          """)
      }
      let changes = try DimensionChange.all(on: connection)
      if arguments.output.json {
        return console.output.print(json: ["changes": .array(changes.map(\.json))])
      }
      if changes.isEmpty { console.print("No dimension was changed in this database.") }
      for change in changes { show(change) }
    }
  }

  /// Puts the column back.
  func undo(_ arguments: ParsedArguments<DimensionsEndOptions>) -> ExitCode {
    end(arguments, "Put the column back and drop the new one? (yes/no):") { try $0.undo() }
  }

  /// Drops the old column.
  func finish(_ arguments: ParsedArguments<DimensionsEndOptions>) -> ExitCode {
    end(arguments, "Drop the old column for good? (yes/no):") { try $0.finish() }
  }

  private func end(
    _ arguments: ParsedArguments<DimensionsEndOptions>, _ question: Message,
    _ body: (DimensionChange) throws -> ChangeRecord
  ) -> ExitCode {
    attempt(json: arguments.output.json) {
      if !arguments.yes {
        switch console.agree(question) {
        case .yes: break
        case .no: throw Failure(.preflight, "nothing was changed")
        case .nobody:
          throw Failure(
            .preflight, "there is no terminal to ask, and nothing was changed",
            remedy: "give --yes")
        }
      }
      let change = try body(
        change(
          try options(arguments.column), arguments.column.database, json: arguments.output.json))
      if arguments.output.json { return console.output.print(json: change.json) }
      show(change)
    }
  }

  // MARK: What the commands share

  private func options(_ column: ParsedArguments<VectorColumnOptions>) throws
    -> DimensionChange.Options
  {
    var options = DimensionChange.Options(table: try QualifiedName(argument: column.table))
    options.column = Identifier(column.column)
    return options
  }

  private func connect(_ database: ParsedArguments<DatabaseOption>) throws -> Connection {
    try DatabaseChoice.find(option: database.url, environment: environment)
      .connectToExisting { console.diagnostics.note("\($0)") }
  }

  private func change(
    _ options: DimensionChange.Options, _ database: ParsedArguments<DatabaseOption>, json: Bool
  ) throws -> DimensionChange {
    let printer = DimensionPrinter(console: console, isSilent: json)
    return DimensionChange(
      options, connection: try connect(database), watcher: try? connect(database),
      environment: environment, isInterrupted: { Interruption.isRequested },
      observe: printer.handle)
  }

  private func show(_ change: ChangeRecord) {
    console.print(
      """
      \(change.table).\(change.column): \(change.from) → \(change.to) dimensions, \
      \(change.state.words)
      """)
  }

  /// The failure in words of this command, which takes no selection of stores.
  private func failure(_ error: any Error) -> Failure {
    switch error {
    case let taken as IndexLockTaken:
      return Failure(.database, taken.description, remedy: "run again when it is done")
    case let error as PostgresError where error.indexRemedy != nil:
      let failure = Failure(error)
      return Failure(failure.kind, failure.reason, remedy: error.indexRemedy)
    default:
      let failure = Failure(error)
      return Failure(
        failure.kind, failure.reason, remedy: failure.remedy?.replacing(" with --failed", with: ""))
    }
  }

  private func attempt(json: Bool, _ body: () throws -> Void) -> ExitCode {
    do {
      try body()
      return .done
    } catch {
      let failure = self.failure(error)
      let code = console.report(failure: failure, asJSON: json)
      return failure.kind == .database ? .someStoresFailed : code
    }
  }
}

extension ChangeRecord.State {
  fileprivate var words: String {
    switch self {
    case .filling: "under way: the new column is being filled"
    case .swapped: "done; the old column is still there"
    case .finished: "done"
    case .undone: "taken back"
    }
  }
}

extension ChangeRecord {
  fileprivate var json: JSONValue {
    [
      "id": .int(id), "table": .string(table), "column": .string(column), "from": .int(from),
      "to": .int(to), "projection": JSONValue(projection), "recall": JSONValue(recall),
      "state": .string(state.rawValue),
    ]
  }
}
