internal import Arguments
internal import Models

/// Which column of which table.
struct VectorColumnOptions: ParameterSet {
  /// `--table`.
  let table: Parameter<String>
  /// `--column`.
  let column: Parameter<String>
  /// Which database.
  let database: DatabaseOption

  /// Declares them.
  init(declaring declare: inout Declarations) {
    table = declare.option(
      "table", .text("NAME"), default: "vector_documents", help: "The table")
    column = declare.option(
      "column", .text("NAME"), default: "embedding", help: "The column of type vector(n)")
    database = declare.group(DatabaseOption.self)
  }
}

/// What `dimensions change` takes.
struct DimensionsChangeOptions: ParameterSet {
  /// `--to`.
  let target: Parameter<Int?>
  /// `--reembed`.
  let reembed: Parameter<Bool>
  /// `--text-column`.
  let textColumn: Parameter<String?>
  /// `--dry-run`.
  let dryRun: Parameter<Bool>
  /// `--reduce`.
  let method: Parameter<ReductionOptions.Method>
  /// `--accept-few-rows`.
  let acceptFewRows: Parameter<Bool>
  /// `--min-recall`.
  let minimumRecall: Parameter<Double>
  /// `--no-index`.
  let noIndex: Parameter<Bool>
  /// `--wait`.
  let wait: Parameter<Double>
  /// `--lock-timeout`.
  let lockTimeout: Parameter<Double>
  /// Which column.
  let column: VectorColumnOptions
  /// Who makes the embeddings.
  let embedding: EmbeddingOptions
  /// `--model-version`.
  let modelVersion: Parameter<String?>
  /// `--json`.
  let output: JSONOption

  /// Declares them in the order of help.
  init(declaring declare: inout Declarations) {
    target = declare.optional(
      "to", .whole(1...16_000),
      otherwise: "the change that has begun; with --reembed as many as the model makes",
      help: "How many dimensions the column is to have")
    reembed = declare.flag(
      "reembed", help: "Embed every row's text anew instead of changing its vector")
    textColumn = declare.optional(
      "text-column", .text("NAME"), otherwise: "text",
      help: "The column of the texts that --reembed sends")
    dryRun = declare.flag(
      "dry-run",
      help:
        "Say what stands against it, and what texts, tokens and cost it comes to; change nothing")
    method = declare.option(
      "reduce", .choice(of: [.pca, .truncate]), default: .pca, help: "How vectors are made shorter")
    acceptFewRows = declare.flag(
      "accept-few-rows",
      help: "Fit a model to fewer rows than it has dimensions, though later documents will suffer")
    minimumRecall = declare.option(
      "min-recall", .number(0...1), default: 0.95,
      help: "Change nothing where the measured recall@10 falls below this")
    noIndex = declare.flag(
      "no-index", help: "Build no index over the new column before it takes over")
    wait = declare.option(
      "wait", .number(0.1...86_400), default: 600,
      help: "Seconds to wait for a transaction that holds rows or is older than the filling")
    lockTimeout = declare.option(
      "lock-timeout", .number(0.1...60), default: 1,
      help: "Seconds that the application may queue behind the swap; it is tried again")
    column = declare.group(VectorColumnOptions.self)
    embedding = declare.group(EmbeddingOptions.self)
    modelVersion = declare.optional(
      "model-version", .text("V"), otherwise: "what follows the colon in the model's name",
      help: "What is noted as the version of the model")
    declare.heading("Output")
    output = declare.group(JSONOption.self)
  }
}

/// What `dimensions status` takes.
struct DimensionsStatusOptions: ParameterSet {
  /// Which database.
  let database: DatabaseOption
  /// `--json`.
  let output: JSONOption

  /// Declares them in the order of help.
  init(declaring declare: inout Declarations) {
    database = declare.group(DatabaseOption.self)
    output = declare.group(JSONOption.self)
  }
}

/// What `dimensions undo` and `dimensions finish` take.
struct DimensionsEndOptions: ParameterSet {
  /// Which column.
  let column: VectorColumnOptions
  /// `--yes`.
  let yes: Parameter<Bool>
  /// `--json`.
  let output: JSONOption

  /// Declares them in the order of help.
  init(declaring declare: inout Declarations) {
    column = declare.group(VectorColumnOptions.self)
    yes = declare.flag("yes", help: "Do not ask before a column is dropped")
    output = declare.group(JSONOption.self)
  }
}
