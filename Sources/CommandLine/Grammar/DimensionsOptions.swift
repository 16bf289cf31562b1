internal import Arguments
internal import Dimensions
internal import Models

extension DimensionChange.Options: CommandOptions {}

/// The options that name a column of a table.
struct VectorColumnOptions: ParameterSet {
  /// The option that names the database.
  let database: DatabaseOption

  /// Declares the options.
  init(declaring declare: inout Declarations) {
    declare.option(
      "table", .text("NAME"), default: "vector_documents", help: "The table",
      sets: \DimensionChange.Options.table, as: { try .init(argument: $0) })
    declare.option(
      "column", .text("NAME"), default: "embedding", help: "The column of type vector(n)",
      sets: \DimensionChange.Options.column, as: { .init(argument: $0) })
    database = declare.group(DatabaseOption.self)
  }
}

/// The arguments of `dimensions change`.
struct DimensionsChangeOptions: ParameterSet {
  /// The switch `--reembed`.
  let reembed: Parameter<Bool>
  /// The value of the option `--text-column`; nil where it is not given.
  let textColumn: Parameter<String?>
  /// The switch `--dry-run`.
  let dryRun: Parameter<Bool>
  /// The value of the option `--reduce`, or its default.
  let method: Parameter<ReductionOptions.Method>
  /// The switch `--accept-few-rows`.
  let acceptFewRows: Parameter<Bool>
  /// The value of the option `--min-recall`, or its default.
  let minimumRecall: Parameter<Double>
  /// The options that name the column.
  let column: VectorColumnOptions
  /// The options that name the service that makes the embeddings.
  let embedding: EmbeddingOptions
  /// The value of the option `--model-version`; nil where it is not given.
  let modelVersion: Parameter<String?>
  /// The option `--json`.
  let output: JSONOption

  /// Declares the parameters in the order in which the help lists them.
  init(declaring declare: inout Declarations) {
    declare.optional(
      "to", .whole(1...16_000),
      otherwise: "the dimensions of a change that has begun; with --reembed, those of the model",
      help: "The number of dimensions that the column gets", sets: \DimensionChange.Options.target)
    reembed = declare.flag(
      "reembed", help: "Embed every row's text again instead of changing its vector")
    textColumn = declare.optional(
      "text-column", .text("NAME"), otherwise: "text",
      help: "The column of the texts that --reembed sends")
    declare.set(
      \DimensionChange.Options.textColumn, by: textColumn,
      as: { $0.map { .init(argument: $0) } })
    dryRun = declare.flag(
      "dry-run",
      help:
        "Show what prevents the change, and how many texts and tokens would be sent, and "
        + "their cost; change nothing"
    )
    method = declare.option(
      "reduce", .choice(of: [.pca, .truncate]), default: .pca,
      help: "The method that makes vectors shorter")
    declare.set(\DimensionChange.Options.truncates, by: method, as: { $0 == .truncate })
    acceptFewRows = declare.flag(
      "accept-few-rows",
      help:
        "Fit a model even to fewer rows than it has dimensions; later documents are then reduced "
        + "badly",
      sets: \DimensionChange.Options.acceptsFewRows)
    minimumRecall = declare.option(
      "min-recall", .number(0...1),
      help: "Change nothing if the measured recall@10 is below this number",
      sets: \DimensionChange.Options.minimumRecall)
    declare.flag(
      "no-index", help: "Build no index over the new column before it replaces the old one",
      sets: \DimensionChange.Options.indexes, to: false)
    declare.option(
      "wait", .number(0.1...86_400),
      help: "Seconds to wait for transactions that lock rows or began before the column was filled",
      sets: \DimensionChange.Options.holdTimeout)
    declare.option(
      "lock-timeout", .number(0.1...60), default: 1,
      help:
        "Seconds that the application may wait for the swap of the columns; after that, stop "
        + "the swap and try it again",
      sets: \DimensionChange.Options.lockTimeout, as: { Int($0 * 1000) })
    column = declare.group(VectorColumnOptions.self)
    embedding = declare.group(EmbeddingOptions.self)
    modelVersion = declare.optional(
      "model-version", .text("V"), otherwise: "the part of the model's name after the colon",
      help: "The version of the model, for the record of the change",
      sets: \DimensionChange.Options.modelVersion)
    declare.heading("Output")
    output = declare.group(JSONOption.self)
  }
}

/// The arguments of `dimensions status`.
struct DimensionsStatusOptions: ParameterSet {
  /// The option that names the database.
  let database: DatabaseOption
  /// The option `--json`.
  let output: JSONOption

  /// Declares the parameters in the order in which the help lists them.
  init(declaring declare: inout Declarations) {
    database = declare.group(DatabaseOption.self)
    output = declare.group(JSONOption.self)
  }
}

/// The arguments of `dimensions undo` and `dimensions finish`.
struct DimensionsEndOptions: ParameterSet {
  /// The options that name the column.
  let column: VectorColumnOptions
  /// The switch `--yes`.
  let yes: Parameter<Bool>
  /// The option `--json`.
  let output: JSONOption

  /// Declares the parameters in the order in which the help lists them.
  init(declaring declare: inout Declarations) {
    column = declare.group(VectorColumnOptions.self)
    yes = declare.flag("yes", help: "Do not ask before a column is dropped")
    output = declare.group(JSONOption.self)
  }
}
