internal import JSON

/// Voyage's interface, `POST /embeddings` (docs.voyageai.com/reference/embeddings-api).
struct VoyageProvider: EmbeddingProvider {
  let model: String
  let dimensions: Int?
  let key: APIKey?

  /// Voyage accepts 1,000 texts in one request, and 120,000 tokens of its largest models; a token
  /// has at least one byte.
  let limits = BatchLimits(texts: 128, bytes: 120_000)

  func request(for texts: [String], as purpose: EmbeddingPurpose) -> HTTPRequest {
    var body: JSONObject = [
      "model": .string(model), "input": .array(texts.map { .string($0) }),
      "input_type": .string(purpose.rawValue),
      // If a long text were cut silently, searches could not find the part that is missing.
      "truncation": false,
    ]
    body["output_dimension"] = dimensions.map { .int($0) }
    return HTTPRequest("/embeddings", key.map { [("Authorization", $0.authorization)] } ?? [], body)
  }

  func read(_ answer: JSONValue, count: Int) throws(AnswerFault) -> ProviderAnswer {
    ProviderAnswer(
      vectors: try answer.vectorsByIndex(count: count),
      tokens: answer["usage"]?["total_tokens"]?.tokenCount)
  }

  func refusal(in answer: JSONValue) -> ProviderRefusal? {
    answer["detail"]?.stringValue.map { ProviderRefusal(message: $0, code: nil) }
  }
}
