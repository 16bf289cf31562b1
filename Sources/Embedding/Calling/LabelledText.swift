/// A text to be embedded, with a label that stands for it in messages, which must not show the
/// text.
public struct LabelledText: Equatable, Sendable {
  /// The row of the text, such as `document 6f1c…` or `chunk 17`.
  public let label: String
  /// The text.
  public let text: String

  /// Creates a text with a label.
  public init(_ label: String, _ text: String) {
    self.label = label
    self.text = text
  }
}

/// The outcome of one text.
public enum EmbeddingOutcome: Equatable, Sendable {
  /// The embedding: finite, not zero, of the same dimension as all others.
  case vector([Float])
  /// The service, or this program, refuses this text; other texts are not affected.
  case refused(reason: String)
  /// The service answered with a vector that cannot be used, which is no fault of the text.
  case unusable(reason: String)

  /// The outcome of a text of only white space, which no service is asked for; nil for another text.
  public static func ofBlank(_ text: String) -> EmbeddingOutcome? {
    text.allSatisfy(\.isWhitespace) ? .refused(reason: "it contains only white space") : nil
  }

  /// The reason why there is no embedding; nil where there is one.
  public var obstacle: String? {
    switch self {
    case .vector: nil
    case .refused(let reason), .unusable(let reason): reason
    }
  }
}

/// The events while texts are embedded.
public enum EmbeddingEvent: Equatable, Sendable {
  /// Texts are sent to this host without encryption.
  case unencrypted(host: String)
  /// A request failed and is sent again after a pause.
  case retrying(attempt: Int, seconds: Double, reason: String)
}

/// The requests and costs so far.
public struct EmbeddingUsage: Equatable, Sendable {
  /// The number of requests that were answered with embeddings.
  public var questions = 0
  /// The number of requests that were sent.
  public var requests = 0
  /// The number of requests that repeated a failed request.
  public var retries = 0
  /// The number of texts that the service has embedded.
  public var texts = 0
  /// The number of texts that had their embedding in the cache.
  public var cached = 0
  /// The number of texts that had their embedding in the cache, or were equal to another text.
  public var reused = 0
  /// The number of tokens used, as the service counts them; estimated where the service sends no
  /// count.
  public var tokens = 0
  /// The number of tokens that are estimated.
  public var estimatedTokens = 0
  /// The cost in dollars, for requests whose tokens the service has not counted the most that they
  /// can have cost; nil where no price is known.
  public var cost: Double?

  /// Creates a usage of zero.
  public init() {}
}
