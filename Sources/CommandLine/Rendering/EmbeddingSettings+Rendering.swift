internal import Messages
internal import Embedding

extension EmbeddingSettings {
  /// What so many texts come to: their number, size, tokens.
  func amount(texts: Int, bytes: Int) -> Message {
    """
    \(counted(texts, "text")), \(byteSize(bytes)), at most about \
    \(counted(EmbeddingPrice.estimatedTokens(ofBytes: bytes), "token"))
    """
  }

  /// What they cost at most, as far as that is known.
  func cost(ofBytes bytes: Int) -> Message {
    let tokens = EmbeddingPrice.estimatedTokens(ofBytes: bytes)
    guard let cost = price.cost(ofTokens: tokens), let rate = price.perMillionTokens else {
      return "none is known (EMBEDDING_PRICE_PER_MILLION_TOKENS)"
    }
    return "at most about \(dollars(cost)), at \(dollars(rate)) for a million tokens"
  }

  /// Where texts go.
  var place: Message { "\(provider.title) at \(destination), model \(model)" }
}

extension EmbeddingUsage {
  /// What was asked of a service, and what of it was known.
  func message(_ settings: EmbeddingSettings) -> Message {
    """
    Asked \(settings.provider.title) for \(counted(texts, "text")): \
    \(counted(tokens, "token"))\(cost.map { ", \(dollars($0))" } ?? ""); \
    \(grouped(reused)) were known already
    """
  }
}
