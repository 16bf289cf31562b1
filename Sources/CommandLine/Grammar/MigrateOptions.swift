internal import Arguments

/// What `migrate` takes.
struct MigrateOptions: ParameterSet {
  /// `--dry-run`.
  let dryRun: Parameter<Bool>
  /// `--yes`.
  let yes: Parameter<Bool>
  /// Where the stores lie.
  let source: SourceOptions
  /// Which of them are meant.
  let selection: SelectionOptions
  /// `--failed`.
  let failed: Parameter<Bool>
  /// `--force`.
  let force: Parameter<Bool>
  /// `--alongside`.
  let alongside: Parameter<Bool>
  /// `--adopt`.
  let adopt: Parameter<Bool>
  /// `--allow-loss`.
  let losses: AllowLossOption
  /// `--allow-mismatch`.
  let allowMismatch: Parameter<Bool>
  /// `--escape-nul`.
  let escapeNUL: Parameter<Bool>
  /// `--backup-dir`.
  let backup: BackupDirectoryOption
  /// `--no-backup`.
  let noBackup: Parameter<Bool>
  /// `--dump-first`.
  let dumpFirst: Parameter<Bool>
  /// Which database and table.
  let target: TargetOptions
  /// What happens to vectors that are longer than the table takes.
  let reduction: ReductionArguments
  /// `--index`.
  let index: Parameter<IndexAfterLoadChoice>
  /// `--jobs`.
  let jobs: Parameter<Int>
  /// `--wait`.
  let wait: Parameter<Bool>
  /// `--give-up-after`.
  let patience: GiveUpOption
  /// `--json`.
  let output: JSONOption
  /// `--quiet`.
  let quiet: Parameter<Bool>

  /// Declares them in the order of help.
  init(declaring declare: inout Declarations) {
    declare.heading("Running")
    dryRun = declare.flag("dry-run", help: "Print the plan and stop; nothing is written anywhere")
    yes = declare.flag("yes", help: "Do not ask before anything")
    jobs = declare.option(
      "jobs", short: "j", .whole(1...64), default: 1,
      help: "Stores to carry over at a time, each on a connection of its own")
    wait = declare.flag(
      "wait",
      help: "Wait for stores that another run has, instead of reporting them as failed")
    patience = declare.group(GiveUpOption.self)
    declare.heading("What is migrated")
    source = declare.group(SourceOptions.self)
    selection = declare.group(SelectionOptions.self)
    failed = declare.flag("failed", help: "Only the stores that failed last time")
    force = declare.flag(
      "force",
      help: """
        Also stores that are unchanged since they were migrated, and replace documents that were \
        edited in the database since
        """)
    alongside = declare.flag(
      "alongside",
      help: """
        Migrate a store beside rows of its collection that no ledger lists, and leave those as \
        they are
        """)
    adopt = declare.flag(
      "adopt",
      help: """
        Take such rows over where they are equal in text to a document: they keep their ids, and \
        vectors and metadata that differ are replaced by what the files hold
        """)
    losses = declare.group(AllowLossOption.self)
    allowMismatch = declare.flag(
      "allow-mismatch",
      help: """
        Accept a store whose counts of vectors and texts differ, or that has entries without \
        text; the report lists their positions
        """)
    escapeNUL = declare.flag(
      "escape-nul",
      help: "Store U+0000 and lone surrogates, which PostgreSQL rejects, in escaped form")
    declare.heading("Backup")
    backup = declare.group(BackupDirectoryOption.self)
    noBackup = declare.flag("no-backup", help: "Copy nothing before writing to the database")
    dumpFirst = declare.flag(
      "dump-first", help: "Dump the database with pg_dump before anything is written to it")
    declare.heading("Database")
    target = declare.group(TargetOptions.self)
    reduction = declare.group(ReductionArguments.self)
    declare.heading("Index")
    index = declare.option(
      "index", .choice, default: .auto,
      help: """
        The index that the table gets after the load, unless it has one; auto builds none under \
        1,000 rows, where an exact scan is quicker, and HNSW from there on
        """)
    declare.heading("Output")
    output = declare.group(JSONOption.self)
    quiet = declare.flag("quiet", short: "q", help: "No progress; warnings and results only")
  }
}

/// The words that `--index` takes.
enum IndexAfterLoadChoice: String, Choice {
  /// By the size of the table.
  case auto
  /// HNSW.
  case hnsw
  /// IVFFlat.
  case ivfflat
  /// Whatever is there stays.
  case none
}

/// Which database and table the documents go to.
struct TargetOptions: ParameterSet {
  /// `--database-url`.
  let databaseURL: Parameter<String?>
  /// `--table`.
  let table: Parameter<String>
  /// `--dimensions`.
  let dimensions: Parameter<Int?>

  /// Declares all.
  init(declaring declare: inout Declarations) {
    databaseURL = declare.optional(
      "database-url", .secretURL, otherwise: "the embedded server",
      environment: ["DATABASE_URL", "NEON_DATABASE_URL"],
      help: "The PostgreSQL database to write to")
    table = declare.option(
      "table", .text("NAME"), default: "vector_documents", help: "The table to write to")
    dimensions = declare.optional(
      "dimensions", .whole(1...16_000),
      otherwise: "the table's; for a new one the widest store's, at most 2000",
      help: "Dimensions of the table's vectors")
  }
}
