internal import Messages
internal import Embedding
internal import JSON

extension EmbeddingSettings {
  /// Writes the number of texts, their size, and the estimated number of their tokens.
  func amount(texts: Int, bytes: Int) -> Message {
    """
    \(counted(texts, "text")), \(byteSize(bytes)), about \
    \(counted(EmbeddingPrice.estimatedTokens(ofBytes: bytes), "token"))
    """
  }

  /// Writes the expected and the highest cost of the texts, or that no price is known.
  func cost(ofTexts texts: Int, bytes: Int) -> Message {
    let tokens = EmbeddingPrice.estimatedTokens(ofBytes: bytes)
    let most = EmbeddingPrice.mostTokens(ofTexts: texts, bytes: bytes)
    guard let cost = price.cost(ofTokens: tokens), let bound = price.cost(ofTokens: most),
      let rate = price.perMillionTokens
    else { return "not known; --price sets the price" }
    return """
      about \(dollars(cost)), and no more than \(dollars(bound)), at \(dollars(rate)) for a million \
      tokens
      """
  }

  /// The service to which texts are sent, and its model.
  var place: Message { "\(provider.title) at \(destination), model \(model)" }
}

extension EmbeddingUsage {
  /// Writes the numbers of texts, requests and tokens, and how many texts needed no request.
  func message(_ settings: EmbeddingSettings) -> Message { message(of: settings.provider.title) }

  /// Writes the same numbers for a service that is named in words.
  func message(of service: String) -> Message {
    """
    Asked \(service) for \(counted(texts, "text")) in \
    \(counted(requests, "request"))\(repeated): \
    \(estimatedTokens > 0 ? "about " : "")\(counted(tokens, "token"))\
    \(cost.map { ", \(estimatedTokens > 0 ? "no more than " : "")\(dollars($0))" } ?? ""); \
    \(grouped(reused)) needed no request
    """
  }

  private var repeated: String { retries == 0 ? "" : ", \(grouped(retries)) of them repeated" }

  /// Adds the numbers of texts, requests and tokens to a report in JSON.
  func write(to object: inout JSONObject) {
    object["asked"] = .int(texts)
    object["reused"] = .int(reused)
    object["requests"] = .int(requests)
    object["retries"] = .int(retries)
    object["tokens"] = .int(tokens)
    object["tokens_estimated"] = .int(estimatedTokens)
    object["cost"] = JSONValue(cost)
  }
}
