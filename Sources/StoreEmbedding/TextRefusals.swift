internal import Embedding
internal import Ledger
internal import Stores

/// The texts of one store of which no vector was made, or would be made.
struct TextRefusals {
  /// The first of them, with the reason.
  private var first: String?
  private var count = 0
  /// The number of texts that were answered with a vector that cannot be used.
  private var unusable = 0

  /// Notes the outcome of a document's text where it is no vector.
  mutating func add(_ outcome: EmbeddingOutcome, of document: Document) {
    guard let reason = outcome.obstacle else { return }
    if first == nil { first = "\(Self.label(document)): \(reason)" }
    count += 1
    if case .unusable = outcome { unusable += 1 }
  }

  /// The reason why the store cannot be loaded; nil where each text has a vector.
  var failure: Failure? {
    guard let first else { return nil }
    return Failure(
      .source,
      "no vector was made of \(first)"
        + (count == 1 ? "" : " (and of \(count - 1) more of its texts)"),
      remedy: unusable == count
        ? "the model fails on such texts: ask whoever runs the service, or name another model"
        : "change or remove these texts in the files, or migrate the store without --reembed")
  }

  /// Names a document in messages, which must not show its text.
  static func label(_ document: Document) -> String {
    "document \(document.position)" + (document.sourceID.map { " (id \($0))" } ?? "")
  }
}
