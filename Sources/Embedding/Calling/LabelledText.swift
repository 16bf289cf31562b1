/// A text to be embedded, and what it is called in messages, where it must not stand itself.
public struct LabelledText: Equatable, Sendable {
  /// The row it comes from, such as `document 6f1c…` or `chunk 17`.
  public let label: String
  /// The text.
  public let text: String

  /// A text under a label.
  public init(_ label: String, _ text: String) {
    self.label = label
    self.text = text
  }
}

/// What has become of one text.
public enum EmbeddingOutcome: Equatable, Sendable {
  /// Its embedding: finite, not zero, of the same dimension as all others.
  case vector([Float])
  /// The service, or this program, takes this text alone for impossible; others are not concerned.
  case refused(reason: String)
}

/// What happens meanwhile.
public enum EmbeddingEvent: Equatable, Sendable {
  /// Texts travel to this host without encryption.
  case unencrypted(host: String)
  /// A question failed and is asked again after a pause.
  case retrying(attempt: Int, seconds: Double, reason: String)
}

/// What has been asked and spent so far.
public struct EmbeddingUsage: Equatable, Sendable {
  /// Questions that were answered with embeddings.
  public var questions = 0
  /// Texts that the service has embedded.
  public var texts = 0
  /// Texts whose embedding was in the cache, or equal to another's.
  public var reused = 0
  /// Tokens, as the service counts them; estimated where it does not.
  public var tokens = 0
  /// Dollars; nil where no price is known.
  public var cost: Double?

  /// Nothing asked yet.
  public init() {}
}
