internal import JSON

/// Ollama's interface, `POST /api/embed`.
struct OllamaProvider: EmbeddingProvider {
  let model: String
  let dimensions: Int?

  /// Ollama processes texts one by one: small batches show progress and lose little.
  let limits = BatchLimits(texts: 32, bytes: 256 * 1024)

  func request(for texts: [String]) -> HTTPRequest {
    var body: JSONObject = [
      "model": .string(model), "input": .array(texts.map { .string($0) }),
      // If a long text were cut silently, searches could not find the part that is missing.
      "truncate": false,
    ]
    body["dimensions"] = dimensions.map { .int($0) }
    return HTTPRequest(
      path: "/api/embed", headers: [], body: Array(JSONValue.object(body).text.utf8))
  }

  func read(_ answer: JSONValue, count: Int) throws(AnswerFault) -> ProviderAnswer {
    guard let embeddings = answer["embeddings"]?.arrayValue else {
      throw AnswerFault("it has no \"embeddings\"")
    }
    guard embeddings.count == count else {
      throw AnswerFault("\(embeddings.count) embeddings for \(count) texts")
    }
    var vectors: [[Float]] = []
    for embedding in embeddings { vectors.append(try embedding.vector()) }
    return ProviderAnswer(vectors: vectors, tokens: answer["prompt_eval_count"]?.tokenCount)
  }

  func refusal(in answer: JSONValue) -> ProviderRefusal? {
    answer["error"]?.stringValue.map { ProviderRefusal(message: $0, code: nil) }
  }
}
