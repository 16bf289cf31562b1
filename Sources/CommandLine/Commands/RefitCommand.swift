internal import Arguments
internal import Journal
internal import Machine
internal import Messages
internal import Models
internal import Ledger
internal import JSON
internal import Migration
internal import Postgres
internal import Stores
internal import VectorMath

/// The command `projection refit`, which fits a store's model again and rewrites the store's rows.
struct RefitCommand {
  private let arguments: ParsedArguments<ProjectionRefitOptions>
  private let console: Console
  private let environment: [String: String]

  init(
    _ arguments: ParsedArguments<ProjectionRefitOptions>, console: Console,
    environment: [String: String]
  ) {
    self.arguments = arguments
    self.console = console
    self.environment = environment
  }

  /// Fits the model again and reports the result.
  func run() -> ExitCode {
    RunRecorder.recordEnd(on: console, asJSON: arguments.output.json) { run(&$0) }
  }

  private func run(_ recorder: inout RunRecorder?) -> ExitCode {
    do {
      let options = try resolveOptions()
      let choice = try DatabaseChoice.find(
        option: arguments.database.url, environment: environment)
      let connection = try choice.connectToExisting { console.diagnostics.note("\($0)") }
      var refit = Refit(
        options, keys: try arguments.source.keyRing(environment: environment),
        connection: connection, environment: environment,
        isInterrupted: { Interruption.isRequested })
      let journal = RunRecorder(directory: options.backupDirectory) { [console] in
        console.diagnostics.warn("\($0)")
      }
      let identity = try connection.identity()
      refit.whenBeginning = { run, table in
        journal.begin(
          RunFacts(
            mode: .refit, version: ProgramVersion.current, options: Self.words(of: options),
            database: choice.description, identity: identity?.description,
            table: table.description),
          id: run, refitting: options.store)
      }
      recorder = journal
      let outcome = try refit.run()
      journal.succeed(documents: outcome.documents)
      show(outcome, of: options.store)
      return .done
    } catch {
      let failure = Failure(error)
      recorder?.fail(failure)
      return console.report(failure: failure, asJSON: arguments.output.json, of: .oneStore)
    }
  }

  /// Returns the options in words, for the journal.
  private static func words(of options: Refit.Options) -> String {
    let origin = options.origin.map { ["--from", $0.rawValue] } ?? []
    let losses = options.allowedLosses.flatMap { ["--allow-loss", $0] }
    return
      (["projection refit", options.store.description] + origin
      + (options.force ? ["--force"] : []) + losses).joined(separator: " ")
  }

  private func show(_ outcome: Refit.Outcome, of store: StoreName) {
    let projection = outcome.model.projection
    guard !arguments.output.json else {
      return console.output.print(json: [
        "user": .string(store.user), "collection": .string(store.collection),
        "run": .string(outcome.run.description), "from": .string(outcome.origin.rawValue),
        "documents": .int(outcome.documents), "added_documents": .int(outcome.added),
        "added_without_original": .int(outcome.addedWithoutOriginal),
        "fitted_rows": .int(projection.fittedRows), "same_model": .bool(outcome.isSameModel),
        "captured_energy": JSONValue(projection.capturedEnergy),
        "recall": .double(outcome.model.fidelity.recall),
        "previous_recall": JSONValue(outcome.previousRecall),
        "largest_score_change": .double(outcome.model.fidelity.largestScoreChange),
        "cut_recall": JSONValue(outcome.model.fidelity.cutRecall),
        "added_recall": JSONValue(outcome.model.fidelity.addedRecall),
        "doubled_recall": JSONValue(outcome.model.fidelity.doubledRecall),
        "reranked_recall": JSONValue(outcome.model.measurement.rerankedRecall),
      ])
    }
    console.print("Fitted the model of \(store.description) again from \(outcome.origin.words)")
    console.print("  Fitted to \(counted(projection.fittedRows, "row"))")
    for line in outcome.model.measurement.messages { console.print("  " + line) }
    if outcome.addedWithoutOriginal > 0 {
      let added = counted(outcome.addedWithoutOriginal, "added document")
      console.print("  Not measured with \(added), whose full vectors are not kept")
      if !outcome.isSameModel {
        console.print(
          "  Searches may give them lower scores than before; adding them again with their full "
            + "vectors (upsert_document) makes the scores right")
      }
    }
    if let previous = outcome.previousRecall {
      console.print("  Before: recall@10 \(previous.shown(digits: 3)), measured with the old model")
    }
    console.print(
      "  Rewrote \(counted(outcome.documents, "document")), each read back as it was sent")
    if outcome.added > 0 {
      console.print(
        "  Converted \(counted(outcome.added, "document")) of the application to the new model"
      )
    }
    if outcome.isSameModel {
      console.print("  The new model is the same as the old one: there was nothing to gain")
    }
  }

  private func resolveOptions() throws -> Refit.Options {
    guard case .store(let store) = ModelName(arguments.store) else {
      throw Failure(
        .preflight, "\(arguments.store) names no store", remedy: "write user/collection")
    }
    return try arguments.filled(Refit.Options(store: store))
  }
}

extension Refit.Origin {
  fileprivate var words: Message {
    switch self {
    case .source: "its files"
    case .backup: "its backup"
    case .originals: "kept originals (half precision)"
    }
  }
}
