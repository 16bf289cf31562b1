internal import Arguments
internal import Reembedding

extension ReembeddingRun.Options: CommandOptions {}

/// The arguments of `reembed`.
struct ReembedOptions: ParameterSet {
  /// The value of the option `--set`, or its default.
  let set: Parameter<ReembeddedSet>
  /// The switch `--retry-failed`.
  let retryFailed: Parameter<Bool>
  /// The switch `--dry-run`.
  let dryRun: Parameter<Bool>
  /// The options that name the service that makes the embeddings.
  let embedding: EmbeddingOptions
  /// The option that names the database.
  let database: DatabaseOption
  /// The option `--json`.
  let output: JSONOption
  /// The switch `--quiet`.
  let quiet: Parameter<Bool>

  /// Declares the parameters in the order in which the help lists them.
  init(declaring declare: inout Declarations) {
    set = declare.option(
      "set", .choice, default: .chunks,
      help: """
        The schema of the chunks; chunks without an embedding get one. For vector_documents the \
        command says which others make its vectors anew
        """)
    retryFailed = declare.flag(
      "retry-failed", help: "Also try the contents that failed in an earlier run",
      sets: \ReembeddingRun.Options.retriesFailed)
    dryRun = declare.flag(
      "dry-run",
      help: "Say how many texts are pending, their tokens and cost; send and write nothing")
    declare.flag(
      "no-index", help: "Build no vector index when all chunks have their embeddings",
      sets: \ReembeddingRun.Options.buildsIndex, to: false)
    embedding = declare.group(EmbeddingOptions.self)
    declare.optional(
      "model-version", .text("V"), otherwise: "the part of the model's name after the colon",
      help: "The version of the model, for the column model_version",
      sets: \ReembeddingRun.Options.modelVersion)
    declare.heading("Database")
    database = declare.group(DatabaseOption.self)
    declare.heading("Output")
    output = declare.group(JSONOption.self)
    quiet = declare.flag("quiet", short: "q", help: "Show warnings and results only, no progress")
  }
}

/// The sets whose texts `reembed` can embed.
enum ReembeddedSet: String, Choice {
  /// The set with chunks of indexed content.
  case chunks = "semantic_search"
  /// Documents, whose vectors other commands make.
  case documents = "vector_documents"
}
