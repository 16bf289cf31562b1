internal import Arguments
internal import Ledger
internal import Rollback

extension RollbackOptions: CommandOptions {}

/// The arguments of `rollback`.
struct RollbackArguments: ParameterSet {
  /// The id of the run, or the id's first characters; empty for the latest migration.
  let run: Parameter<[String]>
  /// The switch `--dry-run`.
  let dryRun: Parameter<Bool>
  /// The switch `--yes`.
  let yes: Parameter<Bool>
  /// The options that name the folder with the stores.
  let source: SourceOptions
  /// The options that name a file or folder of stores.
  let given: GivenPlaceOptions
  /// The value of the option `--database-url`; nil where it is not given.
  let databaseURL: Parameter<String?>
  /// The option `--json`.
  let output: JSONOption
  /// The options that select the stores.
  let selection: SelectionOptions

  /// Declares the parameters in the order in which the help lists them.
  init(declaring declare: inout Declarations) {
    run = declare.list(
      "RUN", .text("RUN"),
      help:
        "The id of the run to roll back, or the id's first characters; without RUN, the latest "
        + "migration into --table"
    )
    declare.set(\RollbackOptions.run, by: run, as: { $0.first })
    declare.heading("Running")
    dryRun = declare.flag("dry-run", help: "Print what would be done and stop")
    yes = declare.flag("yes", help: "Do not ask before anything is removed")
    declare.set(\RollbackOptions.giveUpAfter, by: declare.group(GiveUpOption.self).seconds)
    declare.heading("What is rolled back")
    selection = declare.group(SelectionOptions.self)
    declare.set(\RollbackOptions.selection.users, by: selection.users)
    declare.set(\RollbackOptions.selection.collections, by: selection.collections)
    declare.set(\RollbackOptions.selection.excluded, by: selection.excluded)
    declare.flag(
      "restore",
      help: "Restore the documents that the run replaced, from the backup of the earlier run that "
        + "wrote them",
      sets: \RollbackOptions.restores)
    declare.set(\RollbackOptions.allowedLosses, by: declare.group(AllowLossOption.self).tables)
    declare.flag(
      "files",
      help: """
        Put the run's copies of the files back into the user data directory; a present file that \
        differs is kept under another name
        """, sets: \RollbackOptions.restoresFiles)
    source = declare.group(SourceOptions.self)
    declare.set(\RollbackOptions.userDataDirectory, by: source.userDataDirectory)
    given = declare.group(GivenPlaceOptions.self)
    declare.set(
      \RollbackOptions.backupDirectory, by: declare.group(BackupDirectoryOption.self).directory)
    declare.heading("Database")
    databaseURL = declare.optional(
      "database-url", .secretURL, otherwise: "the embedded server",
      environment: ["DATABASE_URL", "NEON_DATABASE_URL"], help: "The PostgreSQL database")
    declare.option(
      "table", .text("NAME"), default: "vector_documents",
      help: "The table whose latest migration is rolled back if no RUN is given",
      sets: \RollbackOptions.table, as: { try .init(argument: $0) })
    declare.heading("Output")
    output = declare.group(JSONOption.self)
  }
}
