internal import Arguments

/// What `rollback` takes.
struct RollbackArguments: ParameterSet {
  /// The run.
  let run: Parameter<[String]>
  /// `--dry-run`.
  let dryRun: Parameter<Bool>
  /// `--yes`.
  let yes: Parameter<Bool>
  /// `--give-up-after`.
  let patience: GiveUpOption
  /// `--restore`.
  let restore: Parameter<Bool>
  /// `--files`.
  let files: Parameter<Bool>
  /// `--allow-loss`.
  let losses: AllowLossOption
  /// Which of the run's stores.
  let selection: SelectionOptions
  /// Where the stores lie.
  let source: SourceOptions
  /// `--backup-dir`.
  let backup: BackupDirectoryOption
  /// `--database-url`.
  let databaseURL: Parameter<String?>
  /// `--table`.
  let table: Parameter<String>
  /// `--json`.
  let output: JSONOption

  /// Declares them in the order of help.
  init(declaring declare: inout Declarations) {
    run = declare.list(
      "RUN", .text("RUN"),
      help:
        "The run, by its id or the beginning of it; the latest migration into --table where none is given"
    )
    declare.heading("Running")
    dryRun = declare.flag("dry-run", help: "Print what would be done and stop")
    yes = declare.flag("yes", help: "Do not ask before anything is removed")
    patience = declare.group(GiveUpOption.self)
    declare.heading("What is taken back")
    selection = declare.group(SelectionOptions.self)
    restore = declare.flag(
      "restore",
      help: "Bring back what a store replaced, from the backup of the run that had written it")
    losses = declare.group(AllowLossOption.self)
    files = declare.flag(
      "files",
      help: """
        Put the run's copies of the files back into the user data directory; files that differ \
        stay under another name
        """)
    source = declare.group(SourceOptions.self)
    backup = declare.group(BackupDirectoryOption.self)
    declare.heading("Database")
    databaseURL = declare.optional(
      "database-url", .secretURL, otherwise: "the embedded server",
      environment: ["DATABASE_URL", "NEON_DATABASE_URL"], help: "The PostgreSQL database")
    table = declare.option(
      "table", .text("NAME"), default: "vector_documents",
      help: "The table whose latest migration is taken back where no RUN is named")
    declare.heading("Output")
    output = declare.group(JSONOption.self)
  }
}
