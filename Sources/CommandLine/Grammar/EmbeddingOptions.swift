internal import Arguments
internal import Embedding

extension ProviderKind: Choice {}

/// The options that name the service that makes embeddings, and the directory of the cache.
struct EmbeddingOptions: ParameterSet {
  /// The service.
  let service: ServiceOptions
  /// `--backup-dir`.
  let cacheDirectory: Parameter<String>

  /// Declares the options under a heading of their own.
  init(declaring declare: inout Declarations) {
    declare.heading("Embedding")
    service = declare.group(ServiceOptions.self)
    cacheDirectory = declare.option(
      "backup-dir", .directory, default: "migration_backup",
      help:
        "The directory of embeddings.sqlite, which keeps embeddings that were paid for and the "
        + "cost of each day"
    )
  }
}

/// The options that name the service that makes embeddings.
struct ServiceOptions: ParameterSet {
  /// `--provider`.
  let provider: Parameter<ProviderKind?>
  /// `--model`.
  let model: Parameter<String?>
  /// The value of the option `--embedding-dimensions`; nil where it is not given.
  let dimensions: Parameter<Int?>
  /// `--base-url`.
  let address: Parameter<String?>
  /// `--concurrency`.
  let concurrency: Parameter<Int?>
  /// `--price`, `--max-cost` and `--max-daily-cost`.
  let costs: CostOptions

  /// Declares all options.
  init(declaring declare: inout Declarations) {
    provider = declare.optional(
      "provider", .choice.named("SERVICE"), environment: ["EMBEDDING_PROVIDER"],
      help: """
        The service that turns text into vectors: openai, azure, gemini, ollama, cohere or voyage; \
        texts are sent there. openai is also any service with the same interface (--base-url). Each has a variable for its key: OPENAI_API_KEY, \
        AZURE_OPENAI_API_KEY, GEMINI_API_KEY, COHERE_API_KEY, VOYAGE_API_KEY; ollama has none
        """)
    model = declare.optional(
      "model", .text("NAME"), environment: ["EMBEDDING_MODEL"],
      help:
        "The model, by its name at the service; for a search, the model that made the stored "
        + "vectors"
    )
    dimensions = declare.optional(
      "embedding-dimensions", .whole(1...16_000),
      otherwise: "the dimensions of the model's own vectors",
      environment: ["EMBEDDING_DIMENSIONS"],
      help: "Ask the model for vectors of this many dimensions, if it can make shorter vectors")
    address = declare.optional(
      "base-url", .text("URL"), otherwise: "the service's own address",
      environment: ["EMBEDDING_BASE_URL"],
      help: "The address of the service, up to where its interface begins")
    concurrency = declare.optional(
      "concurrency", .whole(EmbeddingSettings.concurrencies), otherwise: "8; 2 for ollama",
      environment: ["EMBEDDING_CONCURRENCY"],
      help: "Requests at once at most; there are fewer where the service says that it has enough")
    costs = declare.group(CostOptions.self)
  }
}

/// The options of what embeddings may cost.
struct CostOptions: ParameterSet {
  /// `--price`.
  let price: Parameter<Double?>
  /// `--max-cost`.
  let mostCost: Parameter<Double?>
  /// `--max-daily-cost`.
  let mostDailyCost: Parameter<Double?>

  /// Declares all options.
  init(declaring declare: inout Declarations) {
    price = declare.optional(
      "price", .number(0...1_000_000), otherwise: "what the service has published, if known",
      environment: ["EMBEDDING_PRICE_PER_MILLION_TOKENS"],
      help: "The price of a million tokens in dollars")
    mostCost = declare.optional(
      "max-cost", .number(0...1_000_000), otherwise: "no limit",
      help: """
        Dollars that are spent at most from the beginning of this run, by all runs that share \
        --backup-dir; a request that could exceed them is not sent
        """)
    mostDailyCost = declare.optional(
      "max-daily-cost", .number(0...1_000_000), otherwise: "no limit",
      environment: ["EMBEDDING_MAX_DAILY_COST"],
      help: "The same for a day (UTC)")
  }
}
