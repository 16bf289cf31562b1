internal import Arguments
internal import Schema

extension SchemaOptions: CommandOptions {}

/// The options that name a set of migrations and a database.
struct SchemaSourceOptions: ParameterSet {
  /// The value of the option `--set`; nil where it is not given.
  let set: Parameter<String?>
  /// The value of the option `--dir`; nil where it is not given.
  let directory: Parameter<String?>
  /// The value of the option `--database-url`; nil where it is not given.
  let databaseURL: Parameter<String?>

  /// Declares all options.
  init(declaring declare: inout Declarations) {
    declare.heading("Which migrations, and where")
    set = declare.optional(
      "set", .text("NAME"), otherwise: "vector_documents",
      help: "The name of a bundled set, from schema list; with --dir, the set's name in the ledger")
    directory = declare.optional(
      "dir", .directory,
      help: "A folder of migrations; those of goose, dbmate, Flyway, Sqitch and others are read")
    databaseURL = declare.optional(
      "database-url", .secretURL, otherwise: "the embedded server",
      environment: ["DATABASE_URL", "NEON_DATABASE_URL"],
      help: "The PostgreSQL database to work on")
    declare.option(
      "ledger", .text("SCHEMA.NAME"), default: SchemaOptions.usualLedger,
      help: "The table that lists the applied migrations; another tool may have the usual one",
      sets: \SchemaOptions.ledger, as: SchemaOptions.ledger(named:))
  }
}

/// The options of each command that executes migrations.
struct SchemaRunOptions: ParameterSet {
  /// The set of migrations, and its database.
  let source: SchemaSourceOptions
  /// The switch `--yes`.
  let yes: Parameter<Bool>
  /// The switch `--dry-run`.
  let dryRun: Parameter<Bool>
  /// The value of the option `--env`, or its default.
  let environment: Parameter<SchemaEnvironment>
  /// The values of the option `--allow-loss`.
  let allowLoss: Parameter<[String]>
  /// The value of the option `--trial-seconds`; nil where it is not given.
  let trialSeconds: Parameter<Double?>
  /// The switch `--dump-first`.
  let dumpFirst: Parameter<Bool>
  /// The option `--backup-dir`.
  let backup: BackupDirectoryOption
  /// The option `--json`.
  let output: JSONOption

  /// Declares the parameters in the order in which the help lists them.
  init(declaring declare: inout Declarations) {
    source = declare.group(SchemaSourceOptions.self)
    declare.heading("Running")
    yes = declare.flag(
      "yes", help: "Do not ask; where there is no terminal, nothing is executed without --yes")
    dryRun = declare.flag(
      "dry-run", help: "Try the statements in a transaction that is rolled back; show their locks")
    environment = declare.option(
      "env", .choice, default: .development,
      help:
        "The kind of environment; in production, --allow-loss must name the losses, and "
        + "dangerous statements cause warnings"
    )
    allowLoss = declare.repeatable(
      "allow-loss", .text("NAME"),
      help: "Allow the loss with this name in production; the preview shows the names")
    declare.flag(
      "force",
      help: "Continue despite changed and missing files, and record that (FORCE_MIGRATION=true)",
      sets: \SchemaOptions.force)
    declare.flag(
      "allow-out-of-order", help: "Apply migrations that are older than the newest applied one",
      sets: \SchemaOptions.allowsOutOfOrder)
    declare.heading("Safety")
    dumpFirst = declare.flag(
      "dump-first", help: "Dump the database with pg_dump and check the dump before anything else")
    backup = declare.group(BackupDirectoryOption.self)
    trialSeconds = declare.optional(
      "trial-seconds", .number(0...86_400), otherwise: "10, and no limit for --dry-run",
      help:
        "Seconds that the preview's trial may hold its locks; 0: no trial, so the losses are "
        + "unknown"
    )
    declare.option(
      "lock-timeout", .number(0...86_400), default: 5,
      help: "Seconds that a statement waits for a lock before it is tried again; 0: no limit",
      sets: \SchemaOptions.lockTimeout, as: { Int($0 * 1000) })
    declare.option(
      "lock-wait", .whole(0...86_400), help: "Seconds to wait for another process that migrates",
      sets: \SchemaOptions.patience)
    declare.flag("allow-pooler", help: Self.poolerHelp, sets: \SchemaOptions.allowsPooler)
    declare.heading("Output")
    output = declare.group(JSONOption.self)
  }
}

extension SchemaRunOptions {
  /// The help text of `--allow-pooler`, for every command that has the option.
  static let poolerHelp: String =
    "Accept a connection through a pooler, which must keep one server session to the end"
}

/// The kind of environment in which a database is used.
enum SchemaEnvironment: String, Choice {
  /// A database whose contents may be lost.
  case development
  /// A database in which nothing may be dropped without consent.
  case production
}

/// The arguments of `schema up`.
struct SchemaUpOptions: ParameterSet {
  /// The value of the option `--steps`; nil where it is not given.
  let steps: Parameter<Int?>
  /// The value of the option `--to`; nil where it is not given.
  let to: Parameter<String?>
  /// The options of each command that executes migrations.
  let run: SchemaRunOptions

  /// Declares the parameters in the order in which the help lists them.
  init(declaring declare: inout Declarations) {
    declare.heading("How far")
    steps = declare.optional(
      "steps", short: "n", .positive, otherwise: "all", help: "Only the next n migrations")
    to = declare.optional(
      "to", .text("VERSION"), help: "Migrations up to this one, which is applied as well")
    run = declare.group(SchemaRunOptions.self)
  }
}

/// The arguments of `schema down`.
struct SchemaDownOptions: ParameterSet {
  /// The switch `--batch`.
  let batch: Parameter<Bool>
  /// The value of the option `--steps`; nil where it is not given.
  let steps: Parameter<Int?>
  /// The switch `--all`.
  let all: Parameter<Bool>
  /// The value of the option `--to`; nil where it is not given.
  let to: Parameter<String?>
  /// The options of each command that executes migrations.
  let run: SchemaRunOptions

  /// Declares the parameters in the order in which the help lists them.
  init(declaring declare: inout Declarations) {
    declare.heading("How far")
    batch = declare.flag(
      "batch", help: "The migrations that the last run has applied (the default)")
    steps = declare.optional(
      "steps", short: "n", .positive, help: "Only the last n migrations")
    all = declare.flag("all", help: "Every migration of the set")
    to = declare.optional(
      "to", .text("VERSION"), help: "Down to this migration, which stays applied")
    run = declare.group(SchemaRunOptions.self)
  }
}

/// The arguments of `schema apply` and `schema revert`.
struct SchemaNamedOptions: ParameterSet {
  /// The names of the migrations.
  let names: Parameter<[String]>
  /// The switch `--advisable`.
  let advisable: Parameter<Bool>
  /// The options of each command that executes migrations.
  let run: SchemaRunOptions

  /// Declares the parameters in the order in which the help lists them.
  init(declaring declare: inout Declarations) {
    names = declare.list(
      "NAME", .text("NAME"), help: "The migrations, by version, name or both")
    declare.heading("Which migrations")
    advisable = declare.flag(
      "advisable",
      help: "Only migrations whose own condition says that they are useful now; for schema apply")
    run = declare.group(SchemaRunOptions.self)
  }
}

/// The arguments of `schema status`, `schema check` and `schema verify`.
struct SchemaInspectOptions: ParameterSet {
  /// The set of migrations, and its database.
  let source: SchemaSourceOptions
  /// The option `--backup-dir`.
  let backup: BackupDirectoryOption
  /// The option `--json`.
  let output: JSONOption

  /// Declares the parameters in the order in which the help lists them.
  init(declaring declare: inout Declarations) {
    source = declare.group(SchemaSourceOptions.self)
    declare.heading("Output")
    backup = declare.group(BackupDirectoryOption.self)
    output = declare.group(JSONOption.self)
  }
}

/// The arguments of `schema baseline`.
struct SchemaBaselineOptions: ParameterSet {
  /// The last migration that is marked as applied; nil where the structure shows it.
  let version: Parameter<String?>
  /// The set of migrations, and its database.
  let source: SchemaSourceOptions
  /// The switch `--yes`.
  let yes: Parameter<Bool>

  /// Declares the parameters in the order in which the help lists them.
  init(declaring declare: inout Declarations) {
    version = declare.optionalWord(
      "VERSION", .text("VERSION"),
      help:
        "The last migration whose changes are already in the database; without it, a bundled set "
        + "is compared with the database")
    source = declare.group(SchemaSourceOptions.self)
    declare.heading("Running")
    yes = declare.flag("yes", help: "Do not ask")
    declare.flag(
      "allow-pooler", help: SchemaRunOptions.poolerHelp, sets: \SchemaOptions.allowsPooler)
  }
}

/// The arguments of `schema adopt`.
struct SchemaAdoptOptions: ParameterSet {
  /// The value of the option `--from`; nil where it is not given.
  let from: Parameter<String?>
  /// The set of migrations, and its database.
  let source: SchemaSourceOptions
  /// The switch `--yes`.
  let yes: Parameter<Bool>
  /// The option `--json`.
  let output: JSONOption

  /// Declares the parameters in the order in which the help lists them.
  init(declaring declare: inout Declarations) {
    declare.heading("What is taken over")
    from = declare.optional(
      "from", .text("SCHEMA.NAME"), otherwise: "the only one in the database",
      help: "The table in which the other tool lists its migrations; it is only read")
    source = declare.group(SchemaSourceOptions.self)
    declare.heading("Running")
    yes = declare.flag("yes", help: "Do not ask")
    declare.flag(
      "allow-pooler", help: SchemaRunOptions.poolerHelp, sets: \SchemaOptions.allowsPooler)
    declare.heading("Output")
    output = declare.group(JSONOption.self)
  }
}

/// The arguments of `schema make`.
struct SchemaMakeOptions: ParameterSet {
  /// The name of the new migration, in words or with underscores.
  let name: Parameter<String>
  /// The value of the option `--dir`, or its default.
  let directory: Parameter<String>

  /// Declares the parameters in the order in which the help lists them.
  init(declaring declare: inout Declarations) {
    name = declare.required("NAME", .text("NAME"), help: "The subject of the migration, in words")
    directory = declare.option(
      "dir", .directory, default: "migrations", help: "The folder to write the file to")
  }
}

/// The arguments of `schema list`.
struct SchemaListOptions: ParameterSet {
  /// The value of the option `--set`; nil where it is not given.
  let set: Parameter<String?>
  /// The switch `--up`.
  let up: Parameter<Bool>
  /// The option `--json`.
  let output: JSONOption

  /// Declares the parameters in the order in which the help lists them.
  init(declaring declare: inout Declarations) {
    set = declare.optional(
      "set", .text("NAME"), otherwise: "the names of all sets",
      help: "Print the migration files of this bundled set, unchanged")
    up = declare.flag(
      "up", help: "With --set: print only the up parts that schema up applies, for psql")
    output = declare.group(JSONOption.self)
  }
}
