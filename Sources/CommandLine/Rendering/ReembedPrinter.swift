internal import Messages
internal import Reembedding
internal import Ledger
internal import Embedding
internal import JSON
internal import Postgres
internal import Stores
internal import VectorIndex

/// Prints the preview, the progress and the results of `reembed`.
final class ReembedPrinter {
  /// The function that is called after all checks, before the first text is sent.
  var whenBeginning: () -> Void = {}
  private let index: IndexPrinter
  private let console: Console
  private let settings: EmbeddingSettings
  private let asJSON: Bool
  private let progress: ProgressPlace

  init(console: Console, settings: EmbeddingSettings, asJSON: Bool) {
    self.console = console
    progress = ProgressPlace(on: console.diagnostics)
    self.settings = settings
    self.asJSON = asJSON
    index = IndexPrinter(console: console, isSilent: asJSON)
  }

  /// Prints an event that occurs during the run.
  func handle(_ event: ReembeddingEvent) {
    switch event {
    case .beginning(let survey):
      whenBeginning()
      console.diagnostics.note(
        """
        Sending \(counted(survey.chunks, "text")) to \(settings.provider.title) at \
        \(settings.destination)
        """)
      progress.begin(
        "Embedding", total: survey.chunks, unit: .things("texts"))
    case .progress(let chunks): progress.current?.advance(by: chunks)
    case .failed(let content):
      console.diagnostics.warn(
        "content \(content.id) (\(content.source)) failed: \(content.reason)")
    }
  }

  /// Prints an event that occurs while an index is built.
  func handle(_ event: IndexEvent) {
    progress.end()
    index.handle(event)
  }

  /// Removes the progress lines.
  func endProgress() {
    progress.end()
    index.endProgress()
  }

  /// Prints the preview of a run.
  func show(survey: ReembeddingSurvey) {
    let cost = settings.price.cost(ofTokens: survey.estimatedTokens)
    if asJSON {
      console.output.print(json: [
        "set": "semantic_search", "dry_run": true, "provider": .string(settings.provider.rawValue),
        "destination": .string(settings.destination), "model": .string(settings.model),
        "dimensions": .int(survey.dimensions), "contents": .int(survey.contents),
        "chunks": .int(survey.chunks), "bytes": .int(survey.bytes),
        "estimated_tokens": .int(survey.estimatedTokens), "estimated_cost": JSONValue(cost),
        "failed_before": .int(survey.failedBefore), "not_embedded": .int(survey.notEmbedded),
        "exit_code": 0,
      ])
      return
    }
    console.print(
      "Contents to embed: \(grouped(survey.contents)), for a column of \(survey.dimensions) dimensions"
    )
    console.print("Texts: \(settings.amount(texts: survey.chunks, bytes: survey.bytes))")
    console.print("The texts would be sent to: \(settings.place)")
    console.print("Cost: \(settings.cost(ofTexts: survey.chunks, bytes: survey.bytes))")
    show(skipped: survey)
    console.print("Nothing was sent and nothing was written.")
  }

  private func show(skipped survey: ReembeddingSurvey) {
    if survey.failedBefore > 0 {
      console.print(
        """
        Failed before, and skipped: \(counted(survey.failedBefore, "content")); --retry-failed \
        tries these contents again
        """)
    }
    if survey.notEmbedded > 0 {
      console.print(
        """
        Without embeddings, and skipped: \(counted(survey.notEmbedded, "content")) that have no \
        chunk, or whose state says that they are not pending
        """)
    }
  }

  /// Prints the results of a run.
  func show(_ report: ReembeddingReport, code: ExitCode) {
    if let obstacle = report.obstacle {
      console.diagnostics.fail("\(obstacle.reason)")
      if let remedy = obstacle.remedy { console.diagnostics.note("  Remedy: \(remedy)") }
    }
    if asJSON { return console.output.print(json: json(report, code)) }
    guard report.survey.chunks > 0 else {
      console.print("No chunk is pending: nothing was embedded.")
      show(skipped: report.survey)
      return showIndex(report.index)
    }
    console.print(
      """
      Embedded \(counted(report.chunks, "text")); \(counted(report.completed, "content")) \
      complete, \(grouped(report.failed.count)) failed, \(grouped(report.left)) left
      """)
    console.print(report.usage.message(settings))
    show(skipped: report.survey)
    showIndex(report.index)
  }

  private func showIndex(_ result: IndexResult) {
    switch result {
    case .none(let reason): console.print("No index was built: \(reason)")
    case .built(_, let outcome): index.show(outcome)
    case .exists(let index):
      console.print("The index \(index.name.description) serves the embeddings.")
    case .leftToAnother(let who): console.print("No index was built: \(who)")
    case .notAsked, .failed: break
    }
  }

  private func json(_ report: ReembeddingReport, _ code: ExitCode) -> JSONValue {
    var object: JSONObject = [
      "set": "semantic_search", "dry_run": false, "provider": .string(settings.provider.rawValue),
      "destination": .string(settings.destination), "model": .string(settings.model),
      "dimensions": .int(report.survey.dimensions), "contents": .int(report.survey.contents),
      "chunks": .int(report.survey.chunks), "embedded": .int(report.chunks),
      "completed": .int(report.completed), "left": .int(report.left),
      "failed": .array(
        report.failed.map {
          [
            "content_id": .int($0.id), "source_path": .string($0.source),
            "reason": .string($0.reason),
          ]
        }),
      "failed_before": .int(report.survey.failedBefore),
      "not_embedded": .int(report.survey.notEmbedded),
    ]
    report.usage.write(to: &object)
    object["index"] = JSONValue(indexName(report.index))
    if let obstacle = report.obstacle { object["error"] = obstacle.json }
    object["exit_code"] = .int(Int(code.rawValue))
    return .object(object)
  }

  private func indexName(_ result: IndexResult) -> String? {
    switch result {
    case .built(_, let outcome): outcome.index.description
    case .exists(let index): index.name.description
    default: nil
    }
  }
}
