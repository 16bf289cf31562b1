internal import Messages
internal import Embedding
internal import Postgres
internal import Search

/// A text to search for, which a service turns into a vector.
struct SearchText {
  /// The text to search for.
  let text: String
  /// The service that turns the text into a vector.
  let settings: EmbeddingSettings
  /// The directory of the embedding cache, which is opened only where a limit of cost is set.
  let cacheDirectory: String
  let console: Console

  /// Embeds the text for a search among a user's documents; throws where the model or the
  /// dimensions do not fit the stored vectors.
  func vector(user: String, collection: String, for search: DocumentSearch) throws -> [Float] {
    let expected = try search.expectation(user: user, collection: collection)
    let accepted = expected.dimensions
    let place = "\(user)/\(collection)"
    if let model = expected.model, model != settings.model {
      throw SearchError(
        "the vectors of \(place) are of the model \(model), not of \(settings.model)",
        remedy: "name that model with --model")
    }
    if let asked = settings.dimensions { try check(asked, accepted, place) }
    let vector = try embedded()
    try check(vector.count, accepted, place)
    return vector
  }

  /// Embeds the text for a search among chunks; throws where the model or the dimensions do not fit
  /// the stored vectors.
  func vector(for search: ChunkSearch) throws -> [Float] {
    let expected = try search.expectation()
    if let other = expected.models.first(where: { $0 != settings.model }) {
      throw SearchError(
        "the rows of semantic_search are of the model \(other), not of \(settings.model)",
        remedy: expected.models.count > 1
          ? "embed all rows by one model: vector-ferry reembed"
          : "name that model with --model, or embed the rows again: vector-ferry reembed")
    }
    let accepted = expected.dimensions.map { [$0] } ?? []
    if let asked = settings.dimensions { try check(asked, accepted, "semantic_search") }
    let vector = try embedded()
    try check(vector.count, accepted, "semantic_search")
    return vector
  }

  private func embedded() throws -> [Float] {
    console.diagnostics.note(
      "Asking \(settings.provider.title) at \(settings.destination) for the text's embedding")
    // Without a limit of cost there is no cache, and nothing is written.
    let cache = settings.price.isLimited ? try EmbeddingCache(directory: cacheDirectory) : nil
    let embedder = Embedder(
      settings, cache: cache, isInterrupted: { Interruption.isRequested },
      observe: console.diagnostics.report)
    switch try embedder.embed([LabelledText("the text", text)], as: .query)[0] {
    case .vector(let vector): return vector
    case .refused(let reason), .unusable(let reason):
      throw SearchError("\(settings.provider.title) created no embedding for the text: \(reason)")
    }
  }

  private func check(_ dimensions: Int, _ accepted: [Int], _ place: String) throws(SearchError) {
    guard let first = accepted.first, !accepted.contains(dimensions) else { return }
    let others = accepted.dropFirst().map { " or \($0)" }.joined()
    throw SearchError(
      "\(settings.model) makes vectors of \(dimensions) dimensions; \(place) takes \(first)\(others)",
      remedy: "name the model that made the stored vectors, with \(first) dimensions; or give "
        + "--embedding-dimensions \(first), if the model can make shorter vectors")
  }
}
