internal import Arguments
internal import Doctor

extension ExaminationOptions: CommandOptions {}

/// What `doctor` takes.
struct DoctorOptions: ParameterSet {
  /// Where the stores lie.
  let source: SourceOptions
  /// Which database and table.
  let database: ExistingDatabaseOptions
  /// `--json`.
  let output: JSONOption

  /// Declares them in the order of help.
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
      help: "Transactions that have been open for longer are told",
      sets: \ExaminationOptions.transactionSeconds)
    declare.heading("Output")
    output = declare.group(JSONOption.self)
  }
}
