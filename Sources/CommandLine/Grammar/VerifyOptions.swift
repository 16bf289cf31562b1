internal import Arguments
internal import Ledger
internal import Verification

extension VerificationOptions: CommandOptions {}

/// The arguments of `verify`.
struct VerifyOptions: ParameterSet {
  /// The options that name the folder with the stores.
  let source: SourceOptions
  /// The options that name a file or folder of stores.
  let given: GivenPlaceOptions
  /// The options that name the database and the table.
  let database: ExistingDatabaseOptions
  /// The options of what asking the service may cost.
  let costs: CostOptions
  /// The option `--json`.
  let output: JSONOption
  /// The options that choose the amount that is printed about each store.
  let detail: DetailOptions
  /// The options that select the stores.
  let selection: SelectionOptions

  /// Declares the parameters in the order in which the help lists them.
  init(declaring declare: inout Declarations) {
    declare.heading("What is compared")
    declare.option(
      "against", .choice,
      help:
        "The files that the database is compared with; a store without files is compared with "
        + "its backup",
      sets: \VerificationOptions.against)
    source = declare.group(SourceOptions.self)
    declare.set(\VerificationOptions.userDataDirectory, by: source.userDataDirectory)
    given = declare.group(GivenPlaceOptions.self)
    selection = declare.group(SelectionOptions.self)
    declare.set(\VerificationOptions.selection.users, by: selection.users)
    declare.set(\VerificationOptions.selection.collections, by: selection.collections)
    declare.set(\VerificationOptions.selection.excluded, by: selection.excluded)
    declare.set(
      \VerificationOptions.backupDirectory,
      by: declare.group(BackupDirectoryOption.self).directory)
    database = declare.group(ExistingDatabaseOptions.self)
    declare.set(
      \VerificationOptions.table, by: database.table, as: { try .init(argument: $0) })
    declare.set(\VerificationOptions.giveUpAfter, by: declare.group(GiveUpOption.self).seconds)
    declare.heading("Search")
    declare.option(
      "queries", .whole(0...10_000),
      help: "The number of vectors of each store to search for through PostgreSQL",
      sets: \VerificationOptions.queries)
    declare.optional(
      "min-recall", .number(0...1), otherwise: "the recall@10 that the run measured, minus 0.05",
      help: "The recall@10 below which a store counts as different",
      sets: \VerificationOptions.minimumRecall)
    declare.heading("New vectors")
    declare.option(
      "ask", .whole(0...10_000),
      help: """
        Send so many texts of each store that was migrated with --reembed to the service that made \
        their vectors, and compare its answers with the table
        """,
      sets: \VerificationOptions.askedTexts)
    costs = declare.group(CostOptions.self)
    declare.heading("Output")
    output = declare.group(JSONOption.self)
    detail = declare.group(DetailOptions.self)
  }
}

extension VerificationOptions.Against: Choice {}

/// The options that name a database that stores were migrated into, and the table of documents.
struct ExistingDatabaseOptions: ParameterSet {
  /// The value of the option `--database-url`; nil where it is not given.
  let databaseURL: Parameter<String?>
  /// The value of the option `--table`, or its default.
  let table: Parameter<String>

  /// Declares both options under a heading of their own.
  init(declaring declare: inout Declarations) {
    declare.heading("Database")
    databaseURL = declare.optional(
      "database-url", .secretURL, otherwise: "the embedded server",
      environment: ["DATABASE_URL", "NEON_DATABASE_URL"], help: "The PostgreSQL database")
    table = declare.option(
      "table", .text("NAME"), default: "vector_documents", help: "The table of documents")
  }
}
