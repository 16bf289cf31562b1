internal import Arguments
internal import Doctor

extension ExaminationOptions: CommandOptions {}

/// The arguments of `doctor`.
struct DoctorOptions: ParameterSet {
  /// The options that name the folder with the stores.
  let source: SourceOptions
  /// The options that name the database and the table.
  let database: ExistingDatabaseOptions
  /// The option `--json`.
  let output: JSONOption

  /// Declares the parameters in the order in which the help lists them.
  init(declaring declare: inout Declarations) {
    source = declare.group(SourceOptions.self)
    declare.set(\ExaminationOptions.userDataDirectory, by: source.userDataDirectory)
    declare.set(
      \ExaminationOptions.backupDirectory,
      by: declare.group(BackupDirectoryOption.self).directory)
    database = declare.group(ExistingDatabaseOptions.self)
    declare.set(
      \ExaminationOptions.table, by: database.table, as: { try .init(argument: $0) })
    declare.option(
      "transaction-age", ValueType.whole(0...1_000_000).named("SECONDS"),
      help: "Report transactions that have been open for more than this many seconds",
      sets: \ExaminationOptions.transactionSeconds)
    declare.heading("Output")
    output = declare.group(JSONOption.self)
  }
}
