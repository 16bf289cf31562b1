/// The reason why texts could not be embedded, and what helps; contains neither keys nor texts.
public struct EmbeddingError: Error, Equatable, Sendable, CustomStringConvertible {
  /// The kind of error.
  public enum Kind: String, Sendable {
    /// No provider is named, or the settings contradict each other.
    case configuration
    /// The service could not be reached, or did not answer in time.
    case unreachable
    /// The service refuses every request, because of the key, the model or the account.
    case refused
    /// The service answered with something other than embeddings of the texts.
    case answer
    /// The money for the day is spent.
    case budget
    /// The cache file cannot be used.
    case cache
    /// The operator asked to stop.
    case interrupted
  }

  /// The kind of error.
  public let kind: Kind
  /// The fault, and its place.
  public let problem: String
  /// The remedy; nil where the problem says it already.
  public let remedy: String?

  /// Creates an error from a problem and its remedy.
  public init(_ kind: Kind, _ problem: String, remedy: String? = nil) {
    self.kind = kind
    self.problem = problem
    self.remedy = remedy
  }

  /// The problem and its remedy on one line.
  public var description: String { remedy.map { "\(problem); \($0)" } ?? problem }
}
