internal import Messages
internal import Embedding

extension EmbeddingSettings {
  /// The number of texts, with their size and tokens.
  func amount(texts: Int, bytes: Int) -> Message {
    """
    \(counted(texts, "text")), \(byteSize(bytes)), at most about \
    \(counted(EmbeddingPrice.estimatedTokens(ofBytes: bytes), "token"))
    """
  }

  /// The highest cost of the texts, where it is known.
  func cost(ofBytes bytes: Int) -> Message {
    let tokens = EmbeddingPrice.estimatedTokens(ofBytes: bytes)
    guard let cost = price.cost(ofTokens: tokens), let rate = price.perMillionTokens else {
      return "none is known (EMBEDDING_PRICE_PER_MILLION_TOKENS)"
    }
    return "at most about \(dollars(cost)), at \(dollars(rate)) for a million tokens"
  }

  /// The service to which texts are sent, and its model.
  var place: Message { "\(provider.title) at \(destination), model \(model)" }
}

extension EmbeddingUsage {
  /// How many texts were sent to the service, and how many were known already.
  func message(_ settings: EmbeddingSettings) -> Message {
    """
    Asked \(settings.provider.title) for \(counted(texts, "text")): \
    \(counted(tokens, "token"))\(cost.map { ", \(dollars($0))" } ?? ""); \
    \(grouped(reused)) were known already
    """
  }
}
