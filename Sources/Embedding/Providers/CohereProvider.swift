internal import JSON

/// Cohere's interface, `POST /v2/embed` (docs.cohere.com/reference/embed).
struct CohereProvider: EmbeddingProvider {
  let model: String
  let dimensions: Int?
  let key: APIKey?

  /// Cohere accepts 96 texts in one request.
  let limits = BatchLimits(texts: 96, bytes: 256 * 1024)

  func request(for texts: [String], as purpose: EmbeddingPurpose) -> HTTPRequest {
    var body: JSONObject = [
      "model": .string(model), "texts": .array(texts.map { .string($0) }),
      "input_type": purpose == .document ? "search_document" : "search_query",
      "embedding_types": ["float"],
      // If a long text were cut silently, searches could not find the part that is missing.
      "truncate": "NONE",
    ]
    body["output_dimension"] = dimensions.map { .int($0) }
    return HTTPRequest("/v2/embed", key.map { [("Authorization", $0.authorization)] } ?? [], body)
  }

  func read(_ answer: JSONValue, count: Int) throws(AnswerFault) -> ProviderAnswer {
    ProviderAnswer(
      vectors: try JSONValue.vectors(
        in: answer["embeddings"]?["float"], named: "embeddings.float", count: count),
      tokens: answer["meta"]?["billed_units"]?["input_tokens"]?.tokenCount)
  }

  func refusal(in answer: JSONValue) -> ProviderRefusal? {
    answer["message"]?.stringValue.map { ProviderRefusal(message: $0, code: nil) }
  }
}
