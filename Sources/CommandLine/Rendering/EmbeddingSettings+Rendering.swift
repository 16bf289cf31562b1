internal import Messages
internal import Embedding

extension EmbeddingSettings {
  /// Writes the number of texts, with their size and their estimated tokens.
  func amount(texts: Int, bytes: Int) -> Message {
    """
    \(counted(texts, "text")), \(byteSize(bytes)), at most about \
    \(counted(EmbeddingPrice.estimatedTokens(ofBytes: bytes), "token"))
    """
  }

  /// Writes the highest cost of the texts, or that no price is known.
  func cost(ofBytes bytes: Int) -> Message {
    let tokens = EmbeddingPrice.estimatedTokens(ofBytes: bytes)
    guard let cost = price.cost(ofTokens: tokens), let rate = price.perMillionTokens else {
      return "not known; EMBEDDING_PRICE_PER_MILLION_TOKENS sets the price"
    }
    return "at most about \(dollars(cost)), at \(dollars(rate)) for a million tokens"
  }

  /// The service to which texts are sent, and its model.
  var place: Message { "\(provider.title) at \(destination), model \(model)" }
}

extension EmbeddingUsage {
  /// Writes how many texts the service has embedded, and how many needed no request.
  func message(_ settings: EmbeddingSettings) -> Message {
    """
    Asked \(settings.provider.title) for \(counted(texts, "text")): \
    \(counted(tokens, "token"))\(cost.map { ", \(dollars($0))" } ?? ""); \
    \(grouped(reused)) needed no request
    """
  }
}
