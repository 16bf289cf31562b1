internal import Messages
internal import Arguments
internal import Reembedding
internal import Journal
internal import Ledger
internal import Embedding
internal import Postgres
internal import Stores

/// The command `reembed`, which creates the embeddings of chunks.
struct ReembedCommand {
  private let arguments: ParsedArguments<ReembedOptions>
  private let console: Console
  private let environment: [String: String]

  init(
    _ arguments: ParsedArguments<ReembedOptions>, console: Console, environment: [String: String]
  ) {
    self.arguments = arguments
    self.console = console
    self.environment = environment
  }

  /// Embeds the pending chunks; contents that failed, or an error that ends the run, give exit code
  /// 1.
  func run() -> ExitCode {
    RunRecorder.recordEnd(on: console, asJSON: arguments.output.json) { run(&$0) }
  }

  private func run(_ recorder: inout RunRecorder?) -> ExitCode {
    do {
      if arguments.set == .documents { throw Self.otherCommands }
      let settings = try arguments.embedding.settings(environment: environment)
      let choice = try DatabaseChoice.find(option: arguments.database.url, environment: environment)
      func connect() throws -> Connection {
        try choice.connectToExisting { console.diagnostics.note("\($0)") }
      }
      let connection = try connect()
      let printer = ReembedPrinter(
        console: console, settings: settings, asJSON: arguments.output.json)
      if arguments.dryRun {
        printer.show(survey: try reembedding(connection, nil, settings, nil, printer).survey())
        return .done
      }
      let directory = arguments.embedding.cacheDirectory
      let cache = try EmbeddingCache(directory: directory)
      let journal = RunRecorder(directory: directory) { [console] in
        console.diagnostics.warn("\($0)")
      }
      recorder = journal
      printer.whenBeginning = {
        journal.begin(
          RunFacts(
            mode: .reembed, version: ProgramVersion.current, options: options(settings),
            database: choice.description))
      }
      defer { printer.endProgress() }
      let report = try reembedding(connection, try? connect(), settings, cache, printer).run()
      printer.endProgress()
      console.addStatistics(report.usage, connect: connect)
      let code = ExitCode(for: report)
      printer.show(report, code: code)
      return code
    } catch {
      return console.report(failure: Failure(error), asJSON: arguments.output.json)
    }
  }

  /// The commands that make the vectors of documents anew.
  private static let otherCommands = Failure(
    .preflight, "reembed fills chunks without an embedding; documents always have a vector",
    remedy: "replace the vectors of all stores with migrate --reembed, of one user or one "
      + "collection with migrate --reembed --user U --collection C, and of all rows, those of the "
      + "application among them, with dimensions change --reembed")

  /// Returns the options as one text for the journal, including values that come from the
  /// environment.
  private func options(_ settings: EmbeddingSettings) -> String {
    let words = [
      "reembed", "--set", arguments.set.rawValue, "--provider", settings.provider.rawValue,
      "--model", settings.model,
    ]
    let dimensions = settings.dimensions.map { ["--embedding-dimensions", "\($0)"] } ?? []
    let address =
      arguments.embedding.service.isGiven(\.address) ? ["--base-url", settings.destination] : []
    return (words + dimensions + address + (arguments.retryFailed ? ["--retry-failed"] : []))
      .joined(separator: " ")
  }

  private func reembedding(
    _ connection: Connection, _ watcher: Connection?, _ settings: EmbeddingSettings,
    _ cache: EmbeddingCache?, _ printer: ReembedPrinter
  ) throws -> ReembeddingRun {
    let options = try arguments.filled(ReembeddingRun.Options())
    let embedder = Embedder(
      settings, cache: cache, isInterrupted: { Interruption.isRequested },
      observe: console.diagnostics.report)
    return ReembeddingRun(
      options, connection: connection, watcher: watcher, embedder: embedder,
      observe: printer.handle, observeIndex: printer.handle)
  }
}
