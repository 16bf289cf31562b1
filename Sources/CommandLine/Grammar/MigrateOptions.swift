internal import Arguments
internal import Ledger
internal import Migration
internal import Stores
internal import Unlisted
internal import VectorIndex

extension MigrationOptions: CommandOptions {}

/// The arguments of `migrate`.
struct MigrateOptions: ParameterSet {
  /// The switch `--yes`.
  let yes: Parameter<Bool>
  /// The options that name the folder with the stores.
  let source: SourceOptions
  /// The options that name a file or folder of stores.
  let given: GivenPlaceOptions
  /// The options that select the stores.
  let selection: SelectionOptions
  /// The switch `--alongside`.
  let alongside: Parameter<Bool>
  /// The switch `--adopt`.
  let adopt: Parameter<Bool>
  /// The switch `--reembed`.
  let reembed: Parameter<Bool>
  /// The options that name the service that makes new vectors.
  let service: ServiceOptions
  /// The option `--backup-dir`.
  let backup: BackupDirectoryOption
  /// The options that name the database and the table.
  let target: TargetOptions
  /// The option `--json`.
  let output: JSONOption
  /// The options that choose the amount that is printed about each store.
  let detail: DetailOptions
  /// The switch `--timings`.
  let timings: Parameter<Bool>
  /// The options by which other programs follow the run.
  let logging: LoggingOptions
  /// The value of the option `--report`; nil where it is not given.
  let report: Parameter<String?>

  /// Declares the parameters in the order in which the help lists them.
  init(declaring declare: inout Declarations) {
    declare.heading("Running")
    declare.flag(
      "dry-run", help: "Print the plan and stop; nothing is written anywhere",
      sets: \MigrationOptions.mode, to: .dryRun)
    yes = declare.flag("yes", help: "Do not ask for confirmation")
    declare.option(
      "jobs", short: "j", .jobs,
      help: """
        How many stores to migrate at the same time, each on its own connection; auto: one for \
        each 16 stores, but not more than the machine has processors, nor more than half of the \
        server's free connections allow
        """, sets: \MigrationOptions.jobs)
    declare.option(
      "memory", .whole(0...1_000_000).named("MB"),
      help: """
        How much memory the rows of a store under 5,000 documents may take that are kept between \
        fit, measurement and load; other rows are read again
        """, sets: \MigrationOptions.memory)
    declare.flag(
      "wait",
      help: "Wait for stores that another run holds, instead of reporting them as failed",
      sets: \MigrationOptions.waits)
    declare.set(\MigrationOptions.giveUpAfter, by: declare.group(GiveUpOption.self).seconds)
    declare.heading("What is migrated")
    source = declare.group(SourceOptions.self)
    declare.set(\MigrationOptions.userDataDirectory, by: source.userDataDirectory)
    given = declare.group(GivenPlaceOptions.self)
    selection = declare.group(SelectionOptions.self)
    declare.set(\MigrationOptions.selection.users, by: selection.users)
    declare.set(\MigrationOptions.selection.collections, by: selection.collections)
    declare.set(\MigrationOptions.selection.excluded, by: selection.excluded)
    declare.flag(
      "failed", help: "Only the stores that failed last time",
      sets: \MigrationOptions.selection.onlyFailed)
    declare.flag(
      "force",
      help: """
        Also migrate stores that are unchanged, and replace documents that were edited in the \
        database since they were migrated
        """, sets: \MigrationOptions.force)
    alongside = declare.flag(
      "alongside",
      help: """
        Migrate a store even if its collection has rows that no ledger lists, and leave those \
        rows as they are
        """, sets: \MigrationOptions.unlisted, to: .alongside)
    adopt = declare.flag(
      "adopt",
      help: """
        Take over rows that no ledger lists where their text equals that of a document: the rows \
        keep their ids, and vectors and metadata that differ are replaced by those of the files
        """, sets: \MigrationOptions.unlisted, to: .adopt)
    declare.set(\MigrationOptions.allowedLosses, by: declare.group(AllowLossOption.self).tables)
    declare.flag(
      "allow-mismatch",
      help: """
        Accept a store whose counts of vectors and texts differ, or that has entries without \
        text; the report lists their positions
        """, sets: \MigrationOptions.reading.allowMismatch)
    declare.flag(
      "escape-nul",
      help: "Store U+0000 and lone surrogates, which PostgreSQL rejects, in escaped form",
      sets: \MigrationOptions.reading.escapeNUL)
    declare.heading("New vectors")
    reembed = declare.flag(
      "reembed",
      help: """
        Take the vectors of the texts from a service instead of those in the files; they are kept in \
        embeddings.sqlite in --backup-dir, so that no text is paid for twice
        """)
    service = declare.group(ServiceOptions.self)
    declare.heading("Backup")
    backup = declare.group(BackupDirectoryOption.self)
    declare.set(\MigrationOptions.backupDirectory, by: backup.directory)
    declare.flag(
      "no-backup", help: "Make no backup before writing to the database",
      sets: \MigrationOptions.makesBackups, to: false)
    declare.flag(
      "dump-first", help: "Dump the database with pg_dump before anything is written to it",
      sets: \MigrationOptions.dumpsFirst)
    declare.heading("Database")
    target = declare.group(TargetOptions.self)
    _ = declare.group(ReductionArguments.self)
    declare.heading("Index")
    declare.option(
      "index",
      .choice([
        "auto": .automatic, "hnsw": .method(.hnsw), "ivfflat": .method(.ivfflat), "none": .none,
      ]),
      help: """
        The index that the table gets after the load, unless it has one; auto builds no index \
        under 1,000 rows, where an exact scan is faster, and otherwise HNSW
        """, sets: \MigrationOptions.index)
    declare.heading("Output")
    output = declare.group(JSONOption.self)
    detail = declare.group(DetailOptions.self)
    timings = declare.flag("timings", help: "Report how long each stage of the run took")
    report = declare.optional(
      "report", .file,
      help: """
        Also write the page of the run, which lies beside the backups, to this new file; Markdown \
        where its name ends in .md
        """)
    logging = declare.group(LoggingOptions.self)
  }
}

/// The options that name the database and the table to which the documents go.
struct TargetOptions: ParameterSet {
  /// The value of the option `--database-url`; nil where it is not given.
  let databaseURL: Parameter<String?>
  /// The value of the option `--table`, or its default.
  let table: Parameter<String>
  /// The value of the option `--dimensions`; nil where it is not given.
  let dimensions: Parameter<Int?>

  /// Declares all options.
  init(declaring declare: inout Declarations) {
    databaseURL = declare.optional(
      "database-url", .secretURL, otherwise: "the embedded server",
      environment: ["DATABASE_URL", "NEON_DATABASE_URL"],
      help: "The PostgreSQL database to write to")
    table = declare.option(
      "table", .text("NAME"), default: "vector_documents", help: "The table to write to",
      sets: \MigrationOptions.table, as: { try .init(argument: $0) })
    dimensions = declare.optional(
      "dimensions", .whole(1...16_000),
      otherwise: "the table's dimensions; for a new table, those of the widest store, at most 2000",
      help: "Dimensions of the table's vectors", sets: \MigrationOptions.dimensions)
  }
}

extension ValueType where Value == Jobs {
  /// The type of the number of stores that are migrated at the same time: a whole number or `auto`.
  static var jobs: ValueType {
    let numbers = ValueType<Int>.whole(1...64)
    return ValueType(
      placeholder: "N", completion: .choices(["auto"]), isNumeric: true,
      read: { word throws(ValueFault) in
        if word == "auto" { return .automatic }
        do throws(ValueFault) {
          return .number(try numbers.read(word))
        } catch {
          guard case .notWhole(let allowed) = error else { throw error }
          throw .notWhole(allowed: "\(allowed), or auto")
        }
      },
      write: { jobs in
        switch jobs {
        case .automatic: "auto"
        case .number(let count): "\(count)"
        }
      })
  }
}
