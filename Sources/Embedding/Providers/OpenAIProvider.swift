internal import JSON

/// OpenAI's interface, `POST /embeddings`, which many other services understand, too.
struct OpenAIProvider: EmbeddingProvider {
  let model: String
  let dimensions: Int?
  let key: APIKey?

  /// OpenAI accepts 2,048 texts and 300,000 tokens in one request; a token has at least one byte.
  let limits = BatchLimits(texts: 128, bytes: 256 * 1024)

  func request(for texts: [String]) -> HTTPRequest {
    var body: JSONObject = [
      "model": .string(model), "input": .array(texts.map { .string($0) }),
      "encoding_format": "float",
    ]
    body["dimensions"] = dimensions.map { .int($0) }
    return HTTPRequest(
      path: "/embeddings",
      headers: key.map { [("Authorization", $0.authorization)] } ?? [],
      body: Array(JSONValue.object(body).text.utf8))
  }

  /// Reads the embeddings, each of which names its text by `index`; they may come in any order.
  func read(_ answer: JSONValue, count: Int) throws(AnswerFault) -> ProviderAnswer {
    guard let data = answer["data"]?.arrayValue else { throw AnswerFault("it has no \"data\"") }
    guard data.count == count else {
      throw AnswerFault("\(data.count) embeddings for \(count) texts")
    }
    var vectors = [[Float]](repeating: [], count: count)
    for entry in data {
      guard let index = entry["index"]?.intValue, vectors.indices.contains(index),
        vectors[index].isEmpty
      else { throw AnswerFault("an \"index\" is missing, repeated or out of range") }
      guard let embedding = entry["embedding"] else { throw AnswerFault("an entry is empty") }
      vectors[index] = try embedding.vector()
    }
    let usage = answer["usage"]
    return ProviderAnswer(
      vectors: vectors,
      tokens: usage?["total_tokens"]?.tokenCount ?? usage?["prompt_tokens"]?.tokenCount)
  }

  func refusal(in answer: JSONValue) -> ProviderRefusal? {
    guard let error = answer["error"] else { return nil }
    guard let message = error["message"]?.stringValue ?? error.stringValue else { return nil }
    return ProviderRefusal(
      message: message, code: error["code"]?.stringValue ?? error["type"]?.stringValue)
  }
}
