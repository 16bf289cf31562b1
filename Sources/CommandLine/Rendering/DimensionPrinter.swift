internal import Messages
internal import Dimensions
internal import Models
internal import Embedding
internal import JSON
internal import Postgres
internal import Stores
internal import VectorIndex

/// Prints a change of dimension for people: results on standard output, the rest on standard error.
final class DimensionPrinter {
  /// The service that embeds texts; nil where the change uses none.
  var settings: EmbeddingSettings?
  private let console: Console
  private let index: IndexPrinter
  private var filling: Progress?

  init(console: Console, isSilent: Bool) {
    self.console = console
    index = IndexPrinter(console: console, isSilent: isSilent)
  }

  /// Prints an event that occurs while the dimension is changed.
  func handle(_ event: DimensionEvent) {
    let diagnostics = console.diagnostics
    switch event {
    case .carriedOver(let stores):
      diagnostics.warn(
        """
        \(counted(stores, "store")) of this table were migrated: from now on verify, rollback and \
        migrate treat their rows as changed (docs/DIMENSIONS.md)
        """)
    case .fitted(let model, let basis):
      diagnostics.note(basis.message)
      for line in model.fidelity.messages { diagnostics.note("\(line)") }
    case .embedding(let survey):
      guard let settings else { break }
      diagnostics.note("\(settings.amount(texts: survey.texts, bytes: survey.bytes))")
      diagnostics.note("Cost: \(settings.cost(ofTexts: survey.texts, bytes: survey.bytes))")
      diagnostics.note("Sending the texts to \(settings.place)")
    case .servedBefore(let dimensions):
      diagnostics.warn(
        """
        the column had \(dimensions) dimensions before: vectors from that time cannot be \
        distinguished from this model's vectors
        """)
    case .refused(let key, let reason): diagnostics.warn("row \(key) cannot be embedded: \(reason)")
    case .late(let seconds, let lastBatchLimit):
      diagnostics.note(
        """
        The last rows' embeddings took longer than \(Int(seconds)) seconds, during which nobody \
        could write: the lock was released; the next attempt takes at most \
        \(counted(lastBatchLimit, "row"))
        """)
    case .filling(let done, let total):
      show(done, of: total)
      if done == total { diagnostics.note("Filled \(counted(done, "row"))") }
    case .noIndex(let reason): diagnostics.note("No index is built: \(reason)")
    case .indexing(let event): index.handle(event)
    case .indexed(let outcome): index.show(outcome)
    case .waiting(let pid, let about):
      diagnostics.note("Waiting for the transaction of server process \(pid) to end: \(about)")
    case .startedOver:
      diagnostics.warn(
        """
        the trigger that keeps the new column up to date may have missed a write: every row is \
        filled again
        """)
    case .retrying(let attempt, let reason):
      diagnostics.note("\(reason); trying again (\(attempt))")
    case .swapped: diagnostics.note("The new column has replaced the old one")
    }
  }

  /// Prints the preview of a change, for people or as JSON.
  func show(preview: ChangePreview, asJSON: Bool) {
    if asJSON { return console.output.print(json: json(preview)) }
    let target: Message =
      preview.to.map { "\(preview.from) → \($0) dimensions" }
      ?? "\(preview.from) dimensions → as many as the model makes"
    let begun: Message = preview.state == nil ? "" : ", already begun"
    console.print("\(preview.table).\(preview.column): " + target + begun)
    if let texts = preview.texts, let settings {
      console.print("Texts: \(settings.amount(texts: texts.texts, bytes: texts.bytes))")
      console.print("The texts would be sent to: \(settings.place)")
      console.print("Cost: \(settings.cost(ofTexts: texts.texts, bytes: texts.bytes))")
    }
    console.print("Nothing was sent and nothing was changed.")
  }

  private func json(_ preview: ChangePreview) -> JSONValue {
    var object: JSONObject = [
      "dry_run": true, "table": .string(preview.table), "column": .string(preview.column),
      "from": .int(preview.from), "to": JSONValue(preview.to),
      "state": JSONValue(preview.state?.rawValue),
    ]
    if let texts = preview.texts, let settings {
      object["provider"] = .string(settings.provider.rawValue)
      object["destination"] = .string(settings.destination)
      object["model"] = .string(settings.model)
      object["texts"] = .int(texts.texts)
      object["bytes"] = .int(texts.bytes)
      object["estimated_tokens"] = .int(texts.estimatedTokens)
      object["estimated_cost"] = JSONValue(settings.price.cost(ofTokens: texts.estimatedTokens))
    }
    object["exit_code"] = 0
    return .object(object)
  }

  /// Prints how many texts the service has embedded and their cost, even for a change that was
  /// stopped.
  func show(usage: EmbeddingUsage?) {
    guard let usage, let settings, usage.texts + usage.reused > 0 else { return }
    console.diagnostics.note(usage.message(settings))
  }

  private func show(_ done: Int, of total: Int) {
    let progress =
      filling ?? Progress("Filling", total: total, unit: .things("rows"), on: console.diagnostics)
    progress.update(to: done)
    filling = done < total ? progress : nil
    if done >= total { progress.finish() }
  }
}

extension ModelBasis {
  /// The sentence that names the rows to which a model is fitted, and the rows from which queries
  /// are taken.
  fileprivate var message: Message {
    let all: Message = "\(counted(rows, "row"))"
    if fitted == 0 { return "No model is fitted; queries are taken from \(all)" }
    let model: Message = "fitted to \(counted(fitted, "row"))"
    if isKnown { return "An existing model, \(model); queries are taken from \(all)" }
    if heldOut > 0 {
      return """
        A model \(model); queries are taken from \(grouped(heldOut)) that it was not fitted to, \
        among \(all)
        """
    }
    return """
      A model \(model); queries are taken from the same rows, so that the quality for later \
      documents is not known
      """
  }
}
