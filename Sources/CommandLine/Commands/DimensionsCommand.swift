internal import Arguments
internal import Messages
internal import Dimensions
internal import Ledger
internal import Embedding
internal import JSON
internal import Postgres
internal import Stores
internal import VectorIndex

/// The commands `dimensions change|status|undo|finish`, which change the dimension of a column in
/// use.
struct DimensionsCommand {
  let console: Console
  let environment: [String: String]

  /// Changes the dimension of the column, or continues a change that was begun.
  func change(_ arguments: ParsedArguments<DimensionsChangeOptions>) -> ExitCode {
    if let fault = arguments.fault {
      return console.report(
        UsageError(path: ["dimensions", "change"], fault: fault),
        of: Program.vectorFerry(version: ProgramVersion.current))
    }
    let json = arguments.output.json
    return attempt(json: json) {
      let printer = DimensionPrinter(console: console, isSilent: json)
      let embedder = try embedder(arguments)
      printer.settings = embedder?.settings
      let change = try change(
        try arguments.filled(DimensionChange.Options()), arguments.column.database,
        embedder: embedder, printer)
      if arguments.dryRun {
        return printer.show(preview: try change.preview(), asJSON: json)
      }
      defer {
        printer.show(usage: embedder?.usage)
        console.addStatistics(embedder?.usage) { try connect(arguments.column.database) }
      }
      let record = try change.run()
      if json { return console.output.print(json: record.json(with: embedder?.usage)) }
      show(record)
      if record.state == .swapped {
        console.print(
          """
          The vectors of \(record.from) dimensions stay in \(record.column)_\(record.from) until \
          dimensions finish; dimensions undo puts them back.
          """)
      }
    }
  }

  /// Creates the client of the service that embeds texts; returns nil without the option
  /// `--reembed`.
  ///
  /// For a dry run the client has no cache, because no text is sent.
  private func embedder(_ arguments: ParsedArguments<DimensionsChangeOptions>) throws -> Embedder? {
    guard arguments.reembed else { return nil }
    return Embedder(
      try arguments.embedding.settings(environment: environment),
      cache: arguments.dryRun
        ? nil : try EmbeddingCache(directory: arguments.embedding.cacheDirectory),
      isInterrupted: { Interruption.isRequested }, observe: console.diagnostics.report)
  }

  /// Shows all changes of dimensions.
  func status(_ arguments: ParsedArguments<DimensionsStatusOptions>) -> ExitCode {
    attempt(json: arguments.output.json) {
      let connection = try connect(arguments.database)
      do {
        try DimensionChange.repair(on: connection)
      } catch {
        console.diagnostics.warn(
          """
          objects of an earlier version could not be made safe: \(Failure(error).reason); \
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

  /// Restores the old column, which a change of dimension has replaced.
  func undo(_ arguments: ParsedArguments<DimensionsEndOptions>) -> ExitCode {
    end(arguments, "Restore the old column and drop the new one? (yes/no):") { try $0.undo() }
  }

  /// Drops the old column, which a change of dimension has replaced.
  func finish(_ arguments: ParsedArguments<DimensionsEndOptions>) -> ExitCode {
    end(arguments, "Drop the old column permanently? (yes/no):") { try $0.finish() }
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
      let options = try arguments.filled(DimensionChange.Options())
      let printer = DimensionPrinter(console: console, isSilent: arguments.output.json)
      let change = try body(
        change(options, arguments.column.database, embedder: nil, printer))
      if arguments.output.json { return console.output.print(json: change.json) }
      show(change)
    }
  }

  // MARK: What the commands share

  private func connect(_ database: ParsedArguments<DatabaseOption>) throws -> Connection {
    try DatabaseChoice.find(option: database.url, environment: environment)
      .connectToExisting { console.diagnostics.note("\($0)") }
  }

  private func change(
    _ options: DimensionChange.Options, _ database: ParsedArguments<DatabaseOption>,
    embedder: Embedder?, _ printer: DimensionPrinter
  ) throws -> DimensionChange {
    DimensionChange(
      options, connection: try connect(database), watcher: try? connect(database),
      embedder: embedder, environment: environment,
      isInterrupted: { Interruption.isRequested }, observe: printer.handle)
  }

  private func show(_ change: ChangeRecord) {
    console.print(
      """
      \(change.table).\(change.column): \(change.from) → \(change.to) dimensions, \
      \(change.words)
      """)
  }

  /// Turns an error into a failure whose remedy fits this command.
  private func failure(_ error: any Error) -> Failure {
    switch error {
    case let taken as IndexLockTaken:
      return Failure(.database, taken.description, remedy: "run again when that session is done")
    case PostgresError.connectionLost:
      // The next run also repairs a build that was interrupted.
      let failure = Failure(error)
      return Failure(
        failure.kind, failure.reason, remedy: "finished work is kept; run again to continue")
    case let error as PostgresError where error.indexRemedy != nil:
      let failure = Failure(error)
      return Failure(failure.kind, failure.reason, remedy: error.indexRemedy)
    default: return Failure(error)
    }
  }

  private func attempt(json: Bool, _ body: () throws -> Void) -> ExitCode {
    do {
      try body()
      return .done
    } catch {
      return console.report(failure: failure(error), asJSON: json, of: .inPlace)
    }
  }
}
