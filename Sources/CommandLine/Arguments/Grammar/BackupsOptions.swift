/// What `backups list` takes.
struct BackupsListOptions: ParameterSet {
  /// `--backup-dir`.
  let backup: BackupDirectoryOption
  /// `--json`.
  let output: JSONOption

  /// Declares them in the order of help.
  init(declaring declare: inout Declarations) {
    backup = declare.group(BackupDirectoryOption.self)
    output = declare.group(JSONOption.self)
  }
}

/// What `backups verify` takes.
struct BackupsVerifyOptions: ParameterSet {
  /// The backups.
  let backups: Parameter<[String]>
  /// `--backup-dir`.
  let backup: BackupDirectoryOption
  /// `--json`.
  let output: JSONOption

  /// Declares them in the order of help.
  init(declaring declare: inout Declarations) {
    backups = declare.list(
      "BACKUP", .text("BACKUP"),
      help: "The backups, by folder or run or the beginning of either; all where none is given")
    backup = declare.group(BackupDirectoryOption.self)
    output = declare.group(JSONOption.self)
  }
}

/// What `backups restore` takes.
struct BackupsRestoreOptions: ParameterSet {
  /// The backup.
  let chosen: Parameter<String>
  /// `--to`.
  let target: Parameter<String?>
  /// Which of its stores.
  let selection: SelectionOptions
  /// `--backup-dir`.
  let backup: BackupDirectoryOption
  /// `--json`.
  let output: JSONOption

  /// Declares them in the order of help.
  init(declaring declare: inout Declarations) {
    chosen = declare.required(
      "BACKUP", .text("BACKUP"), help: "The backup, by folder or run or the beginning of either")
    target = declare.optional(
      "to", .directory, otherwise: "none; it must be given",
      help: "The folder to restore into, as DIR/<user>/vector_store_<collection>")
    selection = declare.group(SelectionOptions.self)
    backup = declare.group(BackupDirectoryOption.self)
    output = declare.group(JSONOption.self)
  }
}

/// What `backups prune` takes.
struct BackupsPruneOptions: ParameterSet {
  /// `--older-than`.
  let olderThan: Parameter<Int?>
  /// `--keep`.
  let keep: Parameter<Int?>
  /// `--dry-run`.
  let dryRun: Parameter<Bool>
  /// `--yes`.
  let yes: Parameter<Bool>
  /// `--backup-dir`.
  let backup: BackupDirectoryOption
  /// `--json`.
  let output: JSONOption

  /// Declares them in the order of help.
  init(declaring declare: inout Declarations) {
    olderThan = declare.optional(
      "older-than", ValueType.whole(0...36_500).named("DAYS"), otherwise: "any age",
      help: "Only backups that are older than so many days")
    keep = declare.optional(
      "keep", .whole(1...1_000_000), otherwise: "any number",
      help: "Never the newest so many good ones")
    dryRun = declare.flag("dry-run", help: "Print what would go and stop")
    yes = declare.flag("yes", help: "Do not ask before anything is removed")
    backup = declare.group(BackupDirectoryOption.self)
    output = declare.group(JSONOption.self)
  }
}

/// What `backups dump` takes.
struct BackupsDumpOptions: ParameterSet {
  /// `--list`.
  let list: Parameter<Bool>
  /// `--test-restore`.
  let testRestore: Parameter<Bool>
  /// `--keep-days`.
  let keepDays: Parameter<Int>
  /// `--backup-dir`.
  let backup: BackupDirectoryOption
  /// `--database-url`.
  let databaseURL: Parameter<String?>
  /// `--json`.
  let output: JSONOption

  /// Declares them in the order of help.
  init(declaring declare: inout Declarations) {
    list = declare.flag("list", help: "List the dumps that there are, and make none")
    testRestore = declare.flag(
      "test-restore",
      help: "Restore the dump into a scratch database of the server, count its rows, and drop it")
    keepDays = declare.option(
      "keep-days", ValueType.whole(0...36_500).named("DAYS"), default: 7,
      help: "Afterwards remove dumps that are older, never the newest")
    backup = declare.group(BackupDirectoryOption.self)
    databaseURL = declare.optional(
      "database-url", .secretURL, otherwise: "the embedded server",
      environment: ["DATABASE_URL", "NEON_DATABASE_URL"], help: "The PostgreSQL database")
    output = declare.group(JSONOption.self)
  }
}
