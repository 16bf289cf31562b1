internal import Arguments

/// The arguments of `report`.
struct ReportOptions: ParameterSet {
  /// The beginning of the run's id, or `latest`.
  let run: Parameter<String>
  /// The value of the option `--output`; nil where it is not given.
  let output: Parameter<String?>
  /// The option `--backup-dir`.
  let backup: BackupDirectoryOption
  /// The value of the option `--database-url`; nil where it is not given.
  let databaseURL: Parameter<String?>

  /// Declares the parameters in the order in which the help lists them.
  init(declaring declare: inout Declarations) {
    run = declare.required(
      "RUN", .text("RUN"), help: "The beginning of the run's id, as history shows it, or latest")
    output = declare.optional(
      "output", short: "o", .file, otherwise: "run-<id>.html in --backup-dir, which is replaced",
      help: "The new file to write: .html for a page, .md for Markdown")
    backup = declare.group(BackupDirectoryOption.self)
    declare.heading("Database")
    databaseURL = declare.optional(
      "database-url", .secretURL, otherwise: "the embedded server",
      environment: ["DATABASE_URL", "NEON_DATABASE_URL"],
      help: "The database of the run, whose ledger has the models' energies")
  }
}

extension Program where Invocation == CommandLineInvocation {
  /// The command `report`.
  static var report: Command<CommandLineInvocation> {
    Command(
      "report", summary: "Write the page of a run: counts, recall, plots, failures",
      discussion: [
        """
        Every live run of migrate writes this page beside its backups. The command makes it again \
        from the journal and the ledger, also for a run that was killed. The page is one file \
        that needs no network; it names users and paths.
        """
      ],
      examples: [
        Example("report latest", "Writes the page of the latest run beside the backups"),
        Example("report 1a2b3c4d --output run.md", "Writes the page of a run as Markdown"),
      ],
      takes: ReportOptions.self, invocation: CommandLineInvocation.report)
  }
}
