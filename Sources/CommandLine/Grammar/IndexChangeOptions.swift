internal import Arguments
internal import VectorIndex

extension IndexTuning.Request: CommandOptions {}

/// The arguments of `index convert`.
struct IndexConvertOptions: ParameterSet {
  /// The method of the new index.
  let method: Parameter<IndexMethod>
  /// The options that set the parameters of the new index.
  let tuning: IndexBuildArguments
  /// The options that name the database and the table.
  let database: ExistingDatabaseOptions
  /// The option `--json`.
  let output: JSONOption
  /// The switch `--quiet`.
  let quiet: Parameter<Bool>

  /// Declares the parameters in the order in which the help lists them.
  init(declaring declare: inout Declarations) {
    method = declare.required(
      "METHOD", .choice(["hnsw": .hnsw, "ivfflat": .ivfflat]),
      help: "The kind of index to change to")
    declare.option(
      "tolerance", .number(0...1), default: 0.02,
      help:
        "The largest drop in recall@10 from the old index to the new index; if the drop is larger, "
        + "the old index stays in use",
      sets: \IndexConversion.Request.tolerance)
    declare.option(
      "queries", .whole(1...10_000), default: 50,
      help: "The number of stored vectors to search for, through both indexes and by an exact scan",
      sets: \IndexConversion.Request.queries)
    tuning = declare.group(IndexBuildArguments.self)
    database = declare.group(ExistingDatabaseOptions.self)
    declare.heading("Output")
    output = declare.group(JSONOption.self)
    quiet = declare.flag("quiet", short: "q", help: "Show warnings and results only, no progress")
  }
}

/// The arguments of `index tune`.
struct IndexTuneOptions: ParameterSet {
  /// The options that name the database and the table.
  let database: ExistingDatabaseOptions
  /// The option `--json`.
  let output: JSONOption
  /// The switch `--quiet`.
  let quiet: Parameter<Bool>

  /// Declares the parameters in the order in which the help lists them.
  init(declaring declare: inout Declarations) {
    declare.option(
      "recall", .number(0...1), help: "The recall@10 that the recommended setting has to reach",
      sets: \IndexTuning.Request.recall)
    declare.option(
      "queries", .whole(1...10_000),
      help: "The number of stored vectors to search for, through the index and by an exact scan",
      sets: \IndexTuning.Request.queries)
    declare.flag(
      "apply",
      help: "Write the recommended setting into the search functions of schema vector_ferry",
      sets: \IndexTuning.Request.applies)
    database = declare.group(ExistingDatabaseOptions.self)
    declare.heading("Output")
    output = declare.group(JSONOption.self)
    quiet = declare.flag("quiet", short: "q", help: "Show warnings and results only, no progress")
  }
}
