/// Who makes the embeddings, of which model, and what that may cost.
public struct EmbeddingSettings: Equatable, Sendable {
  /// Which service.
  public let provider: ProviderKind
  /// The model, as the service calls it.
  public let model: String
  /// The dimensions that are asked for; nil for as many as the model makes.
  public let dimensions: Int?
  /// What tokens cost.
  public let price: EmbeddingPrice
  let address: HTTPAddress
  let key: APIKey?

  /// Where texts are sent, as a URL.
  public var destination: String { address.description }

  /// True where texts travel to another machine without encryption.
  public var isReadableOnTheWay: Bool { !address.isSecure && !address.isLoopback }

  /// The version in a model's name such as `nomic-embed-text:v1.5`.
  public var modelVersion: String {
    let parts = model.split(separator: ":", maxSplits: 1)
    return parts.count == 2 ? String(parts[1]) : "unversioned"
  }

  /// What the command line says; the environment fills in what it leaves out.
  public struct Choice: Equatable, Sendable {
    /// The service.
    public var provider: ProviderKind?
    /// The model.
    public var model: String?
    /// The dimensions.
    public var dimensions: Int?

    /// Nothing said.
    public init(provider: ProviderKind? = nil, model: String? = nil, dimensions: Int? = nil) {
      self.provider = provider
      self.model = model
      self.dimensions = dimensions
    }
  }

  /// Puts together what the command line and the environment say; checks it, asks nobody.
  ///
  /// Nothing is guessed: texts leave the machine only for a service that was named as such.
  public init(_ choice: Choice, environment: [String: String]) throws(EmbeddingError) {
    let variables = Variables(environment)
    let provider = if let named = choice.provider { named } else { try variables.provider() }
    guard let model = choice.model ?? variables["EMBEDDING_MODEL"] else {
      throw EmbeddingError(
        .configuration, "it is not said which model makes the embeddings",
        remedy: "name the one that the stored vectors are of: --model, or EMBEDDING_MODEL")
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
        .configuration, "OPENAI_API_KEY would travel to \(address.host) without encryption",
        remedy: "give an https:// address in OPENAI_BASE_URL, or unset the key")
    }
  }
}
