/// The service that makes embeddings, its model, and the price.
public struct EmbeddingSettings: Equatable, Sendable {
  /// The kind of service.
  public let provider: ProviderKind
  /// The name of the model in the service.
  public let model: String
  /// The requested dimensions; nil for the model's own.
  public let dimensions: Int?
  /// The price of tokens.
  public let price: EmbeddingPrice
  let address: HTTPAddress
  let key: APIKey?

  /// The URL to which texts are sent.
  public var destination: String { address.description }

  /// True where texts go to another machine without encryption.
  public var isReadableOnTheWay: Bool { !address.isSecure && !address.isLoopback }

  /// The version in the model's name, such as `v1.5` in `nomic-embed-text:v1.5`; `unversioned`
  /// where the name has none.
  public var modelVersion: String {
    let parts = model.split(separator: ":", maxSplits: 1)
    return parts.count == 2 ? String(parts[1]) : "unversioned"
  }

  /// The options of the command line; the environment supplies those that are nil.
  public struct Choice: Equatable, Sendable {
    /// The service.
    public var provider: ProviderKind?
    /// The model.
    public var model: String?
    /// The dimensions.
    public var dimensions: Int?

    /// Creates a choice; by default nothing is chosen.
    public init(provider: ProviderKind? = nil, model: String? = nil, dimensions: Int? = nil) {
      self.provider = provider
      self.model = model
      self.dimensions = dimensions
    }
  }

  /// Combines the command line with the environment and checks the result, without any request.
  ///
  /// Nothing is guessed: texts leave the machine only for a service that was named explicitly.
  public init(_ choice: Choice, environment: [String: String]) throws(EmbeddingError) {
    let variables = Variables(environment)
    let provider = if let named = choice.provider { named } else { try variables.provider() }
    guard let model = choice.model ?? variables["EMBEDDING_MODEL"] else {
      throw EmbeddingError(
        .configuration, "no embedding model is given",
        remedy: "name the model that made the stored vectors: --model, or EMBEDDING_MODEL")
    }
    self.provider = provider
    self.model = model
    dimensions = if let asked = choice.dimensions { asked } else { try variables.dimensions() }
    price = try variables.price(of: model, from: provider)
    switch provider {
    case .openAI:
      address = try variables.openAIAddress()
      key = try variables.openAIKey(isNeeded: variables["OPENAI_BASE_URL"] == nil)
    case .ollama:
      address = try variables.ollamaAddress()
      key = nil
    }
    if key != nil, isReadableOnTheWay {
      throw EmbeddingError(
        .configuration, "OPENAI_API_KEY would be sent to \(address.host) without encryption",
        remedy: "give an https:// address in OPENAI_BASE_URL, or unset the key")
    }
  }
}
