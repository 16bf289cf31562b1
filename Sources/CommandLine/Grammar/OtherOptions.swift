internal import Arguments
internal import Stores

/// The arguments of `scan`.
struct ScanOptions: ParameterSet {
  /// The file or folder to look at; empty for the user data directory.
  let path: Parameter<[String]>
  /// The options that name the folder with the stores.
  let source: SourceOptions
  /// The value of the option `--format`; nil where it is not given.
  let format: Parameter<StoreFormat?>
  /// The options that select the stores.
  let selection: SelectionOptions
  /// The option `--backup-dir`.
  let backup: BackupDirectoryOption
  /// The option `--json`.
  let output: JSONOption

  /// Declares the parameters in the order in which the help lists them.
  init(declaring declare: inout Declarations) {
    path = declare.list(
      "PATH", .file,
      help:
        "A file or folder of another library's stores, wherever it lies; without PATH, the user "
        + "data directory")
    source = declare.group(SourceOptions.self)
    format = declare.optional(
      "format", .storeFormat, otherwise: "the first format that finds a store",
      help: "The format of PATH; docs/SOURCES.md lists the formats")
    selection = declare.group(SelectionOptions.self)
    backup = declare.group(BackupDirectoryOption.self)
    output = declare.group(JSONOption.self)
  }
}

/// The arguments of `status`.
struct StatusOptions: ParameterSet {
  /// The option `--backup-dir`.
  let backup: BackupDirectoryOption
  /// The options that select the stores.
  let selection: SelectionOptions
  /// The switch `--failed`.
  let failed: Parameter<Bool>
  /// The switch `--all`.
  let all: Parameter<Bool>
  /// The value of the option `--limit`; nil where it is not given.
  let limit: Parameter<Int?>
  /// The value of the option `--database-url`; nil where it is not given.
  let databaseURL: Parameter<String?>
  /// The value of the option `--table`; nil where it is not given.
  let table: Parameter<String?>
  /// The option `--json`.
  let output: JSONOption

  /// Declares the parameters in the order in which the help lists them.
  init(declaring declare: inout Declarations) {
    backup = declare.group(BackupDirectoryOption.self)
    selection = declare.group(SelectionOptions.self)
    failed = declare.flag(
      "failed", help: "Only stores that are not in the database as they should be")
    all = declare.flag(
      "all", help: "Also show what the journal knows of other databases and tables")
    limit = declare.group(StoreLimitOption.self).limit
    declare.heading("Database")
    databaseURL = declare.optional(
      "database-url", .secretURL, otherwise: "the embedded server",
      environment: ["DATABASE_URL", "NEON_DATABASE_URL"],
      help: "The database whose stores are shown, and whose ledger is compared")
    table = declare.optional(
      "table", .text("NAME"), otherwise: "all tables of the database",
      help: "Only this table's stores")
    declare.heading("Output")
    output = declare.group(JSONOption.self)
  }
}

/// The option that limits the list of stores that are in order.
struct StoreLimitOption: ParameterSet {
  /// The value of the option `--limit`; nil where it is not given.
  let limit: Parameter<Int?>

  /// Declares the parameter.
  init(declaring declare: inout Declarations) {
    limit = declare.optional(
      "limit", .whole(0...1_000_000), otherwise: "20 on a terminal, else all",
      help: "The largest number of stores in order to list; all other stores are listed first")
  }
}

/// The arguments of `history`.
struct HistoryOptions: ParameterSet {
  /// The words after `history`: `show` and the run to show, or none.
  let words: Parameter<[String]>
  /// The value of the option `--limit`, or its default.
  let limit: Parameter<Int>
  /// The option `--backup-dir`.
  let backup: BackupDirectoryOption
  /// The option `--json`.
  let output: JSONOption

  /// Declares the parameters in the order in which the help lists them.
  init(declaring declare: inout Declarations) {
    words = declare.list(
      "show RUN", .text("RUN"),
      help: "Show one run with its stores; the beginning of the run's id is enough")
    limit = declare.option(
      "limit", .positive, default: 20,
      help: "The number of runs to show, newest first; of one run, the stores in order to list")
    backup = declare.group(BackupDirectoryOption.self)
    output = declare.group(JSONOption.self)
  }
}

/// The arguments of `server status`.
struct ServerStatusOptions: ParameterSet {
  /// The option `--json`.
  let output: JSONOption

  /// Declares the parameter.
  init(declaring declare: inout Declarations) { output = declare.group(JSONOption.self) }
}

/// The arguments of `server psql`.
struct PsqlArguments: ParameterSet {
  /// The words after `server psql`, which are passed to psql.
  let words: Parameter<[String]>

  /// Declares the parameter.
  init(declaring declare: inout Declarations) {
    words = declare.passThrough(
      "ARGUMENTS", help: "Everything after psql is passed to psql unchanged")
  }
}

/// The arguments of `completions`.
struct CompletionOptions: ParameterSet {
  /// The shell for which the script is written.
  let shell: Parameter<Shell>

  /// Declares the parameter.
  init(declaring declare: inout Declarations) {
    shell = declare.required("SHELL", .choice, help: "The shell to write the script for")
  }
}

/// The arguments of `manual`.
struct ManualOptions: ParameterSet {
  /// The folder for the pages.
  let folder: Parameter<String>

  /// Declares the parameter.
  init(declaring declare: inout Declarations) {
    folder = declare.required("DIR", .directory, help: "The folder for the pages; it must exist")
  }
}
