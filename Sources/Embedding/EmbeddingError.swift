/// Why texts could not be embedded, and what helps; holds neither keys nor texts.
public struct EmbeddingError: Error, Equatable, Sendable, CustomStringConvertible {
  /// What kind of thing went wrong.
  public enum Kind: String, Sendable {
    /// No provider is named, or what is named does not fit together.
    case configuration
    /// The service could not be reached, or not in time.
    case unreachable
    /// The service refuses every question: the key, the model, the account.
    case refused
    /// The service answered something else than embeddings of what it was asked.
    case answer
    /// The day's money is spent.
    case budget
    /// The cache file cannot be used.
    case cache
    /// The operator asked to stop.
    case interrupted
  }

  /// What kind of thing went wrong.
  public let kind: Kind
  /// What is wrong, and where.
  public let problem: String
  /// What the operator can do; nil where the problem says it.
  public let remedy: String?

  /// A problem with its remedy.
  public init(_ kind: Kind, _ problem: String, remedy: String? = nil) {
    self.kind = kind
    self.problem = problem
    self.remedy = remedy
  }

  /// Both on one line.
  public var description: String { remedy.map { "\(problem); \($0)" } ?? problem }
}
