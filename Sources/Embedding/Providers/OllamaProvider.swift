internal import JSON

/// Ollama's interface, `POST /api/embed` (docs/api.md of Ollama).
struct OllamaProvider: EmbeddingProvider {
  let model: String
  let dimensions: Int?

  /// Ollama processes texts one by one: small batches show progress and lose little.
  let limits = BatchLimits(texts: 32, bytes: 256 * 1024)

  func request(for texts: [String], as purpose: EmbeddingPurpose) -> HTTPRequest {
    var body: JSONObject = [
      "model": .string(model), "input": .array(texts.map { .string($0) }),
      // If a long text were cut silently, searches could not find the part that is missing.
      "truncate": false,
    ]
    body["dimensions"] = dimensions.map { .int($0) }
    return HTTPRequest("/api/embed", [], body)
  }

  func read(_ answer: JSONValue, count: Int) throws(AnswerFault) -> ProviderAnswer {
    ProviderAnswer(
      vectors: try JSONValue.vectors(
        in: answer["embeddings"], named: "embeddings", count: count),
      tokens: answer["prompt_eval_count"]?.tokenCount)
  }

  func refusal(in answer: JSONValue) -> ProviderRefusal? {
    answer["error"]?.stringValue.map { ProviderRefusal(message: $0, code: nil) }
  }
}
