internal import Arguments
internal import Embedding

extension ProviderKind: Choice {}

/// The options that name the service that makes embeddings, and the directory of the cache.
struct EmbeddingOptions: ParameterSet {
  /// The options that name the service.
  let service: ServiceOptions
  /// The value of the option `--backup-dir`, or its default.
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
  /// The value of the option `--provider`; nil where it is not given.
  let provider: Parameter<ProviderKind?>
  /// The value of the option `--model`; nil where it is not given.
  let model: Parameter<String?>
  /// The value of the option `--embedding-dimensions`; nil where it is not given.
  let dimensions: Parameter<Int?>
  /// The value of the option `--base-url`; nil where it is not given.
  let address: Parameter<String?>
  /// The value of the option `--concurrency`; nil where it is not given.
  let concurrency: Parameter<Int?>
  /// The options of what embeddings may cost.
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
      help: "The address of the service, for example https://api.openai.com/v1")
    concurrency = declare.optional(
      "concurrency", .whole(EmbeddingSettings.concurrencies), otherwise: "8; 2 for ollama",
      environment: ["EMBEDDING_CONCURRENCY"],
      help: "The largest number of requests at once; a busy service gets fewer")
    costs = declare.group(CostOptions.self)
  }
}

/// The options that limit what embeddings may cost.
struct CostOptions: ParameterSet {
  /// The value of the option `--price`; nil where it is not given.
  let price: Parameter<Double?>
  /// The value of the option `--max-cost`; nil where it is not given.
  let mostCost: Parameter<Double?>
  /// The value of the option `--max-daily-cost`; nil where it is not given.
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
      help: "Dollars that are spent at most in a day (UTC), by all runs that share --backup-dir")
  }
}
