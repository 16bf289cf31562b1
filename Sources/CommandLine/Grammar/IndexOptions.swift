internal import Arguments
internal import VectorIndex

/// The arguments of `index build`.
struct IndexBuildOptions: ParameterSet {
  /// The value of the option `--method`; nil where it is not given.
  let method: Parameter<IndexMethod?>
  /// The switch `--dry-run`.
  let dryRun: Parameter<Bool>
  /// The options that set the parameters of the index.
  let tuning: IndexBuildArguments
  /// The options that name the database and the table.
  let database: ExistingDatabaseOptions
  /// The option `--json`.
  let output: JSONOption
  /// The switch `--quiet`.
  let quiet: Parameter<Bool>

  /// Declares the parameters in the order in which the help lists them.
  init(declaring declare: inout Declarations) {
    method = declare.option(
      "method", .choice(["auto": nil, "hnsw": .hnsw, "ivfflat": .ivfflat]), default: nil,
      help: "The kind of index; auto builds no index under 1,000 rows, and otherwise HNSW")
    dryRun = declare.flag(
      "dry-run", help: "Say what would be built and what the build needs, and stop")
    declare.option(
      "concurrently", .choice(["auto": .automatic, "yes": .always, "no": .never]),
      default: .automatic,
      help: """
        Allow writes during the build, which then takes longer; auto does so if other sessions \
        are connected to the database
        """, sets: \BuildRequest.concurrency)
    tuning = declare.group(IndexBuildArguments.self)
    database = declare.group(ExistingDatabaseOptions.self)
    declare.heading("Output")
    output = declare.group(JSONOption.self)
    quiet = declare.flag("quiet", short: "q", help: "Show warnings and results only, no progress")
  }
}

/// The options that set the parameters of an index.
struct IndexBuildArguments: ParameterSet {
  /// Declares all these options, under headings of their own.
  init(declaring declare: inout Declarations) {
    declare.heading("Parameters")
    declare.optional(
      "m", .whole(2...100), otherwise: "16, or 24 or 32 for larger tables",
      help: "HNSW: the number of links of each node",
      sets: \BuildRequest.links)
    declare.optional(
      "ef-construction", .whole(4...1000), otherwise: "64, or 200 for large tables",
      help: "HNSW: the number of candidates that each row is compared with; at least twice m",
      sets: \BuildRequest.construction)
    declare.optional(
      "lists", .whole(1...32_768),
      otherwise: "a thousandth of the rows; above a million rows, their square root",
      help: "IVFFlat: the number of lists that the rows are divided into", sets: \BuildRequest.lists
    )
    declare.heading("Resources")
    let megabytes = declare.optional(
      "memory", .whole(1...1_048_576).named("MB"),
      otherwise: "as much as the build needs, if the server has that much",
      help: "Megabytes of maintenance_work_mem, for the build only")
    declare.set(\BuildRequest.memory, by: megabytes, as: { $0.map { $0 << 20 } })
    declare.optional(
      "workers", .whole(0...64), otherwise: "the number of processors minus one",
      help: "Parallel processes in addition to the session's own, for the build only",
      sets: \BuildRequest.workers)
  }
}

/// The arguments of `index status`.
struct IndexStatusOptions: ParameterSet {
  /// The value of the option `--max-p95`; nil where it is not given.
  let maximumP95: Parameter<Int?>
  /// The options that name the database and the table.
  let database: ExistingDatabaseOptions
  /// The option `--json`.
  let output: JSONOption

  /// Declares the parameters in the order in which the help lists them.
  init(declaring declare: inout Declarations) {
    maximumP95 = declare.optional(
      "max-p95", .whole(1...3_600_000).named("MS"), otherwise: "nothing is measured",
      help:
        "Measure searches, and report if more than 5 of 100 take longer than this many milliseconds"
    )
    database = declare.group(ExistingDatabaseOptions.self)
    declare.heading("Output")
    output = declare.group(JSONOption.self)
  }
}

/// The arguments of `index repair`.
struct IndexRepairOptions: ParameterSet {
  /// The options that name the database and the table.
  let database: ExistingDatabaseOptions
  /// The option `--json`.
  let output: JSONOption
  /// The switch `--quiet`.
  let quiet: Parameter<Bool>

  /// Declares the parameters in the order in which the help lists them.
  init(declaring declare: inout Declarations) {
    database = declare.group(ExistingDatabaseOptions.self)
    declare.heading("Output")
    output = declare.group(JSONOption.self)
    quiet = declare.flag("quiet", short: "q", help: "Show warnings and results only, no progress")
  }
}
