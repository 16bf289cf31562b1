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
  /// The largest number of requests that are sent at once.
  public let concurrency: Int
  let address: HTTPAddress
  let route: HTTPRoute
  let key: APIKey?
  /// The version of the interface, which Azure asks for.
  let interfaceVersion: String

  /// The numbers of requests that may be allowed at once.
  public static let concurrencies = 1...64

  /// The URL to which texts are sent.
  public var destination: String { address.description }

  /// True where texts go to another machine without encryption.
  public var isReadableOnTheWay: Bool { !address.isSecure && !address.isLoopback }

  /// How many numbers the model's vectors have unless another number is asked for, as published; nil
  /// where it is not known.
  public var publishedDimensions: Int? {
    switch provider {
    case .openAI, .azure:
      [
        "text-embedding-3-small": 1536, "text-embedding-3-large": 3072,
        "text-embedding-ada-002": 1536,
      ][model]
    case .gemini: ["gemini-embedding-001": 3072][model]
    case .cohere:
      [
        "embed-v4.0": 1536, "embed-english-v3.0": 1024, "embed-multilingual-v3.0": 1024,
      ][model]
    case .voyage:
      ["voyage-3-large": 1024, "voyage-3.5": 1024, "voyage-3.5-lite": 1024][model]
    case .ollama: nil
    }
  }

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
    /// The address of the service.
    public var address: String?
    /// The largest number of requests that are sent at once.
    public var concurrency: Int?
    /// The dollars for a million tokens.
    public var price: Double?
    /// The most dollars that this run may cost.
    public var mostCost: Double?
    /// The most dollars that one day (UTC) may cost.
    public var mostDailyCost: Double?

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
    let named = if let chosen = choice.concurrency { chosen } else { try variables.concurrency() }
    concurrency = named ?? provider.usualConcurrency
    price = try variables.price(choice, model: model, from: provider)
    let (address, isOwn) = try variables.address(of: provider, choice.address)
    self.address = address
    route = HTTPRoute(to: address, environment: environment)
    interfaceVersion = variables["OPENAI_API_VERSION"] ?? "2024-10-21"
    // OpenAI itself requires a key, but services with the same interface may not.
    key = try variables.key(of: provider, isNeeded: provider != .openAI || !isOwn)
    if key != nil, isReadableOnTheWay {
      throw EmbeddingError(
        .configuration,
        "\(keyVariable ?? "the key") would be sent to \(address.host) without encryption",
        remedy: "give an https:// address in \(provider.addressVariable), or unset the key")
    }
  }

  /// The variable that the key comes from; nil where the service takes none.
  var keyVariable: String? { provider.keyVariables.first }
}
