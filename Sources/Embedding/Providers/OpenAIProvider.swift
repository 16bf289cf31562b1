internal import JSON

/// OpenAI's interface, `POST /embeddings`, which many other services understand, too.
struct OpenAIProvider: EmbeddingProvider {
  let model: String
  let dimensions: Int?
  let path: String
  let headers: [(name: String, value: String)]

  /// OpenAI accepts 2,048 texts and 300,000 tokens in one request
  /// (platform.openai.com/docs/api-reference/embeddings); a token has at least one byte.
  let limits = BatchLimits(texts: 128, bytes: 256 * 1024)

  /// Creates the interface of OpenAI itself, and of what imitates it.
  init(model: String, dimensions: Int?, key: APIKey?) {
    self.init(
      model: model, dimensions: dimensions, path: "/embeddings",
      headers: key.map { [("Authorization", $0.authorization)] } ?? [])
  }

  /// Creates the interface of Azure, where the path names a deployment, and the key has a header of
  /// its own (learn.microsoft.com/azure/ai-services/openai/reference).
  init(deployment: String, dimensions: Int?, key: APIKey?, version: String) {
    self.init(
      model: deployment, dimensions: dimensions,
      path: "/openai/deployments/\(deployment.inPath)/embeddings?api-version=\(version.inPath)",
      headers: key.map { [("api-key", $0.plain)] } ?? [])
  }

  private init(
    model: String, dimensions: Int?, path: String, headers: [(name: String, value: String)]
  ) {
    self.model = model
    self.dimensions = dimensions
    self.path = path
    self.headers = headers
  }

  func request(for texts: [String], as purpose: EmbeddingPurpose) -> HTTPRequest {
    var body: JSONObject = [
      "model": .string(model), "input": .array(texts.map { .string($0) }),
      "encoding_format": "float",
    ]
    body["dimensions"] = dimensions.map { .int($0) }
    return HTTPRequest(path, headers, body)
  }

  func read(_ answer: JSONValue, count: Int) throws(AnswerFault) -> ProviderAnswer {
    let usage = answer["usage"]
    return ProviderAnswer(
      vectors: try answer.vectorsByIndex(count: count),
      tokens: usage?["total_tokens"]?.tokenCount ?? usage?["prompt_tokens"]?.tokenCount)
  }

  func refusal(in answer: JSONValue) -> ProviderRefusal? {
    // Most have an object; text-embeddings-inference has the words, and their kind beside them.
    guard let error = answer["error"] else {
      return (answer["detail"] ?? answer["message"])?.stringValue.map {
        ProviderRefusal(message: $0, code: nil)
      }
    }
    guard let message = error["message"]?.stringValue ?? error.stringValue else { return nil }
    return ProviderRefusal(
      message: message, code: error["code"]?.stringValue ?? error["type"]?.stringValue)
  }
}

extension String {
  /// The text as one part of a path (RFC 3986).
  var inPath: String {
    let kept = Set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~".utf8)
    return utf8.map { byte in
      kept.contains(byte)
        ? String(UnicodeScalar(byte))
        : "%" + (byte < 16 ? "0" : "") + String(byte, radix: 16, uppercase: true)
    }.joined()
  }
}
