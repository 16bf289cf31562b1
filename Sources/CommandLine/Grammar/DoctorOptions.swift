internal import Arguments

/// What `doctor` takes.
struct DoctorOptions: ParameterSet {
  /// Where the stores lie.
  let source: SourceOptions
  /// `--backup-dir`.
  let backup: BackupDirectoryOption
  /// Which database and table.
  let database: ExistingDatabaseOptions
  /// `--transaction-age`.
  let transactionAge: Parameter<Int>
  /// `--json`.
  let output: JSONOption

  /// Declares them in the order of help.
  init(declaring declare: inout Declarations) {
    source = declare.group(SourceOptions.self)
    backup = declare.group(BackupDirectoryOption.self)
    database = declare.group(ExistingDatabaseOptions.self)
    transactionAge = declare.option(
      "transaction-age", ValueType.whole(0...1_000_000).named("SECONDS"), default: 300,
      help: "Transactions that have been open for longer are told")
    declare.heading("Output")
    output = declare.group(JSONOption.self)
  }
}
