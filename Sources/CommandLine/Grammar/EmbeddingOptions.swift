internal import Arguments

/// The options that name the service that makes embeddings.
struct EmbeddingOptions: ParameterSet {
  /// The value of the option `--provider`; nil where it is not given.
  let provider: Parameter<EmbeddingProviderChoice?>
  /// The value of the option `--model`; nil where it is not given.
  let model: Parameter<String?>
  /// The value of the option `--embedding-dimensions`; nil where it is not given.
  let dimensions: Parameter<Int?>
  /// The value of the option `--backup-dir`, or its default.
  let cacheDirectory: Parameter<String>

  /// Declares the options under a heading of their own.
  init(declaring declare: inout Declarations) {
    declare.heading("Embedding")
    provider = declare.optional(
      "provider", .choice, environment: ["EMBEDDING_PROVIDER"],
      help: """
        The service that turns text into vectors: openai, or a service with the same interface \
        (OPENAI_API_KEY, \
        OPENAI_BASE_URL), or ollama (OLLAMA_HOST); texts are sent there
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
    cacheDirectory = declare.option(
      "backup-dir", .directory, default: "migration_backup",
      help:
        "The directory of embeddings.sqlite, which keeps embeddings that were paid for and the "
        + "cost of each day"
    )
  }
}

/// The services that `--provider` accepts.
enum EmbeddingProviderChoice: String, Choice {
  /// OpenAI, or a service with the same API.
  case openai
  /// The service Ollama.
  case ollama
}
