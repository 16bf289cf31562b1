/// The texts that would be sent to a service, with their requests, tokens and cost; nothing is sent.
public struct EmbeddingForecast: Equatable, Sendable {
  /// The number of texts that were counted.
  public private(set) var texts = 0
  /// The number of texts whose vector is in the cache, or that are equal to an earlier text.
  public private(set) var reused = 0
  /// The number of texts that would be sent.
  public private(set) var pending = 0
  /// The bytes of the texts that would be sent.
  public private(set) var bytes = 0
  /// The estimated tokens of these texts, from their bytes.
  public private(set) var tokens = 0
  /// The number of requests that these texts need.
  public private(set) var requests = 0
  /// The number of texts with only white space, which no service embeds.
  public private(set) var blank = 0

  /// The most tokens that a service can count for these texts.
  public var mostTokens: Int { EmbeddingPrice.mostTokens(ofTexts: pending, bytes: bytes) }

  private let limits: BatchLimits
  private var textsInRequest = 0
  private var bytesInRequest = 0

  /// Creates a forecast of no texts.
  public init(_ settings: EmbeddingSettings) { limits = Embedder.provider(settings).limits }

  /// Counts a text whose vector is there already, or that is equal to an earlier text.
  public mutating func addReused() {
    texts += 1
    reused += 1
  }

  /// Counts a text that would be sent, unless it contains only white space.
  public mutating func add(_ text: String) {
    texts += 1
    guard EmbeddingOutcome.ofBlank(text) == nil else {
      blank += 1
      return
    }
    let size = text.utf8.count
    pending += 1
    bytes += size
    tokens += EmbeddingPrice.estimatedTokens(ofBytes: size)
    if textsInRequest == 0 || textsInRequest == limits.texts
      || bytesInRequest + size > limits.bytes
    {
      requests += 1
      (textsInRequest, bytesInRequest) = (0, 0)
    }
    textsInRequest += 1
    bytesInRequest += size
  }
}
