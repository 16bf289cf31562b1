internal import Arguments

/// The options that select dumps instead of copies of files.
struct DumpScopeOptions: ParameterSet {
  /// The switch `--dumps`.
  let dumps: Parameter<Bool>
  /// The value of the option `--of`; nil where it is not given.
  let of: Parameter<String?>
  /// The value of the option `--database-url`; nil where it is not given.
  let databaseURL: Parameter<String?>

  /// Declares the options.
  init(declaring declare: inout Declarations) {
    dumps = declare.flag(
      "dumps", help: "The dumps of the target database instead of the copies of files")
    of = declare.optional(
      "of", .text("DATABASE"),
      help:
        "The dumps of another database, by its name in the dumps or its key; no server is contacted"
    )
    databaseURL = declare.optional(
      "database-url", .secretURL, otherwise: "the embedded server",
      environment: ["DATABASE_URL", "NEON_DATABASE_URL"],
      help: "The database whose dumps --dumps selects")
  }
}

/// The arguments of `backups list`.
struct BackupsListOptions: ParameterSet {
  /// The options that select dumps.
  let scope: DumpScopeOptions
  /// The option `--backup-dir`.
  let backup: BackupDirectoryOption
  /// The option `--json`.
  let output: JSONOption

  /// Declares the parameters in the order in which the help lists them.
  init(declaring declare: inout Declarations) {
    scope = declare.group(DumpScopeOptions.self)
    backup = declare.group(BackupDirectoryOption.self)
    output = declare.group(JSONOption.self)
  }
}

/// The arguments of `backups verify`.
struct BackupsVerifyOptions: ParameterSet {
  /// The names of the backups or dumps to verify; empty for all.
  let backups: Parameter<[String]>
  /// The options that select dumps.
  let scope: DumpScopeOptions
  /// The option `--backup-dir`.
  let backup: BackupDirectoryOption
  /// The option `--json`.
  let output: JSONOption

  /// Declares the parameters in the order in which the help lists them.
  init(declaring declare: inout Declarations) {
    backups = declare.list(
      "BACKUP", .text("BACKUP"),
      help:
        "The backups, by folder or run id; with --dumps or --of, the dumps, by file name; the "
        + "first characters are enough; without BACKUP, all of them")
    scope = declare.group(DumpScopeOptions.self)
    backup = declare.group(BackupDirectoryOption.self)
    output = declare.group(JSONOption.self)
  }
}

/// The arguments of `backups restore`.
struct BackupsRestoreOptions: ParameterSet {
  /// The name of the backup; empty where a dump is restored.
  let chosen: Parameter<[String]>
  /// The value of the option `--to`; nil where it is not given.
  let target: Parameter<String?>
  /// The value of the option `--dump`; nil where it is not given.
  let dump: Parameter<String?>
  /// The value of the option `--into`; nil where it is not given.
  let into: Parameter<String?>
  /// The switch `--replace`.
  let replace: Parameter<Bool>
  /// The value of the option `--table`; nil where it is not given.
  let table: Parameter<String?>
  /// The stores that are restored; from a dump, the stores whose rows are restored.
  let selection: SelectionOptions
  /// The switch `--dry-run`.
  let dryRun: Parameter<Bool>
  /// The switch `--yes`.
  let yes: Parameter<Bool>
  /// The value of the option `--database-url`; nil where it is not given.
  let databaseURL: Parameter<String?>
  /// The option `--backup-dir`.
  let backup: BackupDirectoryOption
  /// The option `--json`.
  let output: JSONOption

  /// Declares the parameters in the order in which the help lists them.
  init(declaring declare: inout Declarations) {
    chosen = declare.list(
      "BACKUP", .text("BACKUP"),
      help: "The backup, by folder or run id, or by the first characters of either")
    declare.heading("Files of a backup")
    target = declare.optional(
      "to", .directory, otherwise: "none; this option must be given",
      help: "The folder to restore into, as DIR/<user>/vector_store_<collection>")
    declare.heading("A dump of a database")
    dump = declare.optional(
      "dump", .text("NAME"), help: "The dump, by its file name, or by the name's first characters")
    into = declare.optional(
      "into", ValueType.secretURL.named("DATABASE"), otherwise: "none; this option must be given",
      help:
        "The database to restore into: a name on the target's server, created if it is absent, "
        + "or a URL"
    )
    replace = declare.flag(
      "replace",
      help:
        "Dump the present contents and replace them; without this option, a database that is not "
        + "empty is refused"
    )
    table = declare.optional(
      "table", .text("TABLE"), otherwise: "everything",
      help: "Only this table; with --user or --collection, only the rows of these stores in the "
        + "table, which is then vector_documents by default")
    dryRun = declare.flag("dry-run", help: "Say what would be done and stop")
    yes = declare.flag("yes", help: "Do not ask before anything is replaced")
    databaseURL = declare.optional(
      "database-url", .secretURL, otherwise: "the embedded server",
      environment: ["DATABASE_URL", "NEON_DATABASE_URL"],
      help: "The server of the database that --into names")
    declare.heading("Backups and dumps")
    selection = declare.group(SelectionOptions.self)
    backup = declare.group(BackupDirectoryOption.self)
    output = declare.group(JSONOption.self)
  }
}

/// The arguments of `backups prune`.
struct BackupsPruneOptions: ParameterSet {
  /// The value of the option `--older-than`; nil where it is not given.
  let olderThan: Parameter<Int?>
  /// The value of the option `--keep`; nil where it is not given.
  let keep: Parameter<Int?>
  /// The switch `--dry-run`.
  let dryRun: Parameter<Bool>
  /// The switch `--yes`.
  let yes: Parameter<Bool>
  /// The options that select dumps.
  let scope: DumpScopeOptions
  /// The option `--backup-dir`.
  let backup: BackupDirectoryOption
  /// The option `--json`.
  let output: JSONOption

  /// Declares the parameters in the order in which the help lists them.
  init(declaring declare: inout Declarations) {
    olderThan = declare.optional(
      "older-than", ValueType.whole(0...36_500).named("DAYS"), otherwise: "any age",
      help: "Only backups that are older than this many days")
    keep = declare.optional(
      "keep", .whole(1...1_000_000), otherwise: "any number",
      help: "Keep at least this many of the newest good backups")
    dryRun = declare.flag("dry-run", help: "Print what would be removed and stop")
    yes = declare.flag("yes", help: "Do not ask before anything is removed")
    scope = declare.group(DumpScopeOptions.self)
    backup = declare.group(BackupDirectoryOption.self)
    output = declare.group(JSONOption.self)
  }
}

/// The arguments of `backups dump`.
struct BackupsDumpOptions: ParameterSet {
  /// The switch `--list`.
  let list: Parameter<Bool>
  /// The switch `--test-restore`.
  let testRestore: Parameter<Bool>
  /// The value of the option `--keep-days`, or its default.
  let keepDays: Parameter<Int>
  /// The option `--backup-dir`.
  let backup: BackupDirectoryOption
  /// The value of the option `--database-url`; nil where it is not given.
  let databaseURL: Parameter<String?>
  /// The option `--json`.
  let output: JSONOption

  /// Declares the parameters in the order in which the help lists them.
  init(declaring declare: inout Declarations) {
    list = declare.flag("list", help: "List the database's dumps, and make none")
    testRestore = declare.flag(
      "test-restore",
      help: "Restore the dump into a scratch database, count the rows, and drop the database")
    keepDays = declare.option(
      "keep-days", ValueType.whole(0...36_500).named("DAYS"), default: 7,
      help: "Afterwards remove dumps of the same database that are older than DAYS, but never the "
        + "last good dump")
    backup = declare.group(BackupDirectoryOption.self)
    databaseURL = declare.optional(
      "database-url", .secretURL, otherwise: "the embedded server",
      environment: ["DATABASE_URL", "NEON_DATABASE_URL"], help: "The PostgreSQL database")
    output = declare.group(JSONOption.self)
  }
}
