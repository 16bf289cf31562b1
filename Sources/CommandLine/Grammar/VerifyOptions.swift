internal import Arguments

/// What `verify` takes.
struct VerifyOptions: ParameterSet {
  /// `--against`.
  let against: Parameter<VerifyReference>
  /// Where the stores lie.
  let source: SourceOptions
  /// Which of them are meant.
  let selection: SelectionOptions
  /// `--backup-dir`.
  let backup: BackupDirectoryOption
  /// Which database and table.
  let database: ExistingDatabaseOptions
  /// `--give-up-after`.
  let patience: GiveUpOption
  /// `--queries`.
  let queries: Parameter<Int>
  /// `--min-recall`.
  let minimumRecall: Parameter<Double?>
  /// `--json`.
  let output: JSONOption
  /// `--quiet`.
  let quiet: Parameter<Bool>

  /// Declares them in the order of help.
  init(declaring declare: inout Declarations) {
    declare.heading("What is compared")
    against = declare.option(
      "against", .choice, default: .source,
      help: "What the database is compared with; the backup also where a store's files are gone")
    source = declare.group(SourceOptions.self)
    selection = declare.group(SelectionOptions.self)
    backup = declare.group(BackupDirectoryOption.self)
    database = declare.group(ExistingDatabaseOptions.self)
    patience = declare.group(GiveUpOption.self)
    declare.heading("Search")
    queries = declare.option(
      "queries", .whole(0...10_000), default: 20,
      help: "How many of each store's vectors are searched for through PostgreSQL")
    minimumRecall = declare.optional(
      "min-recall", .number(0...1), otherwise: "what the run measured, less 0.05",
      help: "The recall@10 below which a store counts as different")
    declare.heading("Output")
    output = declare.group(JSONOption.self)
    quiet = declare.flag("quiet", short: "q", help: "No progress; warnings and results only")
  }
}

/// What the database is compared with.
enum VerifyReference: String, Choice {
  /// The application's files.
  case source
  /// The copies of the runs.
  case backup
}

/// A database that stores were migrated into, and the table that holds them.
struct ExistingDatabaseOptions: ParameterSet {
  /// `--database-url`.
  let databaseURL: Parameter<String?>
  /// `--table`.
  let table: Parameter<String>

  /// Declares both under a heading of their own.
  init(declaring declare: inout Declarations) {
    declare.heading("Database")
    databaseURL = declare.optional(
      "database-url", .secretURL, otherwise: "the embedded server",
      environment: ["DATABASE_URL", "NEON_DATABASE_URL"], help: "The PostgreSQL database")
    table = declare.option(
      "table", .text("NAME"), default: "vector_documents", help: "The table of documents")
  }
}
