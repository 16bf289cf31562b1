internal import Arguments

/// What `index convert` takes.
struct IndexConvertOptions: ParameterSet {
  /// The method to convert to.
  let method: Parameter<ConvertedMethodChoice>
  /// `--tolerance`.
  let tolerance: Parameter<Double>
  /// `--queries`.
  let queries: Parameter<Int>
  /// How the new index is built.
  let tuning: IndexBuildArguments
  /// Which database and table.
  let database: ExistingDatabaseOptions
  /// `--json`.
  let output: JSONOption
  /// `--quiet`.
  let quiet: Parameter<Bool>

  /// Declares them in the order of help.
  init(declaring declare: inout Declarations) {
    method = declare.required("METHOD", .choice, help: "The kind of index that shall serve")
    tolerance = declare.option(
      "tolerance", .number(0...1), default: 0.02,
      help: "How much less recall@10 the new index may have; with less the old one stays")
    queries = declare.option(
      "queries", .whole(1...10_000), default: 50,
      help: "How many stored vectors are searched for through both indexes and exactly")
    tuning = declare.group(IndexBuildArguments.self)
    database = declare.group(ExistingDatabaseOptions.self)
    declare.heading("Output")
    output = declare.group(JSONOption.self)
    quiet = declare.flag("quiet", short: "q", help: "No progress; warnings and results only")
  }
}

/// The kinds of index that `index convert` makes.
enum ConvertedMethodChoice: String, Choice {
  /// HNSW.
  case hnsw
  /// IVFFlat.
  case ivfflat
}

/// What `index tune` takes.
struct IndexTuneOptions: ParameterSet {
  /// `--recall`.
  let recall: Parameter<Double>
  /// `--queries`.
  let queries: Parameter<Int>
  /// `--apply`.
  let apply: Parameter<Bool>
  /// Which database and table.
  let database: ExistingDatabaseOptions
  /// `--json`.
  let output: JSONOption
  /// `--quiet`.
  let quiet: Parameter<Bool>

  /// Declares them in the order of help.
  init(declaring declare: inout Declarations) {
    recall = declare.option(
      "recall", .number(0...1), default: 0.99,
      help: "The recall@10 that the recommended setting has to reach")
    queries = declare.option(
      "queries", .whole(1...10_000), default: 50,
      help: "How many stored vectors are searched for, through the index and exactly")
    apply = declare.flag(
      "apply", help: "Write the recommendation into the search functions of schema vector_ferry")
    database = declare.group(ExistingDatabaseOptions.self)
    declare.heading("Output")
    output = declare.group(JSONOption.self)
    quiet = declare.flag("quiet", short: "q", help: "No progress; warnings and results only")
  }
}
