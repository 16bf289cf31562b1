internal import Arguments

/// The options that name the folder with the stores.
struct SourceOptions: ParameterSet {
  /// The value of the option `--user-data-dir`, or its default.
  let userDataDirectory: Parameter<String>
  /// The value of the option `--user-id-map`; nil where it is not given.
  let userIDMap: Parameter<String?>

  /// Declares both options.
  init(declaring declare: inout Declarations) {
    userDataDirectory = declare.option(
      "user-data-dir", .directory, default: "user_data",
      help: "The directory of the stores, DIR/<user>/vector_store_<collection>")
    userIDMap = declare.optional(
      "user-id-map", .file,
      help: """
        JSON object from directory name to user id, for users whose directory name differs from \
        their user id: decryption needs the exact id
        """)
  }
}

/// The options that select stores.
struct SelectionOptions: ParameterSet {
  /// The values of the option `--user`.
  let users: Parameter<[String]>
  /// The value of the option `--users-from`; nil where it is not given.
  let usersFile: Parameter<String?>
  /// The values of the option `--collection`.
  let collections: Parameter<[String]>
  /// The values of the option `--exclude`.
  let excluded: Parameter<[String]>

  /// Declares the options.
  init(declaring declare: inout Declarations) {
    users = declare.repeatable(
      "user", .text("U"),
      help: "Only the stores of this user; * stands for any characters, ? for one")
    usersFile = declare.optional(
      "users-from", .file,
      help: "Only the stores of the users in this file, one name or pattern on each line")
    collections = declare.repeatable(
      "collection", .text("C"), help: "Only the stores of this collection, or of a pattern")
    excluded = declare.repeatable(
      "exclude", .text("U[/C]"),
      help: "Leave out the stores of this user, or this collection of the user; also patterns")
  }
}

/// The option that names tables whose rows may be deleted or changed when documents are deleted.
struct AllowLossOption: ParameterSet {
  /// The values of the option `--allow-loss`.
  let tables: Parameter<[String]>

  /// Declares the parameter.
  init(declaring declare: inout Declarations) {
    tables = declare.repeatable(
      "allow-loss", .text("TABLE"),
      help: """
        Allow this table's foreign keys to delete or change its rows when documents are deleted; \
        the plan shows each table to give
        """)
  }
}

/// The option that names the directory of backups and the journal.
struct BackupDirectoryOption: ParameterSet {
  /// The value of the option `--backup-dir`, or its default.
  let directory: Parameter<String>

  /// Declares the parameter.
  init(declaring declare: inout Declarations) {
    directory = declare.option(
      "backup-dir", .directory, default: "migration_backup",
      help: "The directory of backups and of the journal of runs")
  }
}

/// The option that prints results as JSON.
struct JSONOption: ParameterSet {
  /// The switch `--json`.
  let json: Parameter<Bool>

  /// Declares the parameter.
  init(declaring declare: inout Declarations) {
    json = declare.flag(
      "json", help: "Print one JSON document, and nothing else, to standard output")
  }
}

/// The options that choose the amount that is printed about each store.
struct DetailOptions: ParameterSet {
  /// The switch `--quiet`.
  let quiet: Parameter<Bool>
  /// The number of times that the switch `--verbose` is given.
  let verbose: Parameter<Int>

  /// Declares both switches.
  init(declaring declare: inout Declarations) {
    quiet = declare.flag(
      "quiet", short: "q", help: "Show warnings, problems and the summary only, no progress")
    verbose = declare.count(
      "verbose", short: "v",
      help: "With more than 20 stores, show a line for each store; twice (-vv), show all lines")
  }
}

/// The option that limits the time to wait for a server that does not answer.
struct GiveUpOption: ParameterSet {
  /// The value of the option `--give-up-after`, or its default.
  let seconds: Parameter<Int>

  /// Declares the parameter.
  init(declaring declare: inout Declarations) {
    seconds = declare.option(
      "give-up-after", .whole(0...86_400).named("SECONDS"), default: 60,
      help: """
        How long to wait for a server that does not answer before the command stops; stores that \
        were not begun are listed
        """)
  }
}
