internal import JSON

/// Gemini's interface, `POST /models/MODEL:batchEmbedContents`
/// (ai.google.dev/api/embeddings).
struct GeminiProvider: EmbeddingProvider {
  let model: String
  let dimensions: Int?
  let key: APIKey?

  /// Gemini accepts 100 texts in one request.
  let limits = BatchLimits(texts: 100, bytes: 256 * 1024)

  /// The dimensions of vectors that gemini-embedding-001 makes of unit length; shorter ones are not
  /// (ai.google.dev/gemini-api/docs/embeddings).
  private static let normalized = 3072

  /// The number of tokens that gemini-embedding-001 reads; the model cuts off the rest silently.
  private static let longest = 2048

  func request(for texts: [String], as purpose: EmbeddingPurpose) -> HTTPRequest {
    let entries = texts.map { text -> JSONValue in
      var entry: JSONObject = [
        "model": .string("models/\(model)"), "content": ["parts": [["text": .string(text)]]],
        "taskType": purpose == .document ? "RETRIEVAL_DOCUMENT" : "RETRIEVAL_QUERY",
      ]
      entry["outputDimensionality"] = dimensions.map { .int($0) }
      return .object(entry)
    }
    return HTTPRequest(
      "/models/\(model.inPath):batchEmbedContents",
      key.map { [("x-goog-api-key", $0.plain)] } ?? [], ["requests": .array(entries)])
  }

  func read(_ answer: JSONValue, count: Int) throws(AnswerFault) -> ProviderAnswer {
    let list = answer["embeddings"]
    var vectors = try JSONValue.vectors(in: list, named: "embeddings", count: count) {
      $0["values"]
    }
    if let dimensions, dimensions < Self.normalized { vectors = vectors.map(Self.unit) }
    let cut = (list?.arrayValue ?? []).enumerated().filter {
      $0.element["statistics"]?["truncated"] == true
    }
    return ProviderAnswer(
      vectors: vectors, tokens: answer["usageMetadata"]?["promptTokenCount"]?.tokenCount,
      cut: Set(cut.map(\.offset)))
  }

  /// Returns a vector of the same direction with the length 1; one of only zeros as it is.
  private static func unit(_ vector: [Float]) -> [Float] {
    let length = vector.reduce(0) { $0 + Double($1) * Double($1) }.squareRoot()
    return length > 0 && length.isFinite ? vector.map { Float(Double($0) / length) } : vector
  }

  func objection(to text: String) -> String? {
    guard model == "gemini-embedding-001" else { return nil }
    let tokens = TokenEstimate.likely(text)
    return tokens <= Self.longest
      ? nil
      : "it has about \(tokens) tokens, of which \(model) reads the first \(Self.longest) and "
        + "leaves out the others without a word"
  }

  func refusal(in answer: JSONValue) -> ProviderRefusal? {
    guard let error = answer["error"], let message = error["message"]?.stringValue else {
      return nil
    }
    let details = error["details"]?.arrayValue ?? []
    let pause = details.compactMap { $0["retryDelay"]?.stringValue }.first.flatMap { text in
      text.hasSuffix("s") ? Double(text.dropLast()) : nil
    }
    return ProviderRefusal(
      message: message, code: error["status"]?.stringValue, pause: pause,
      isAboutKey: details.contains { $0["reason"]?.stringValue == "API_KEY_INVALID" })
  }
}
