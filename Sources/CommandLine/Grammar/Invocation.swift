internal import Arguments

/// A command that the operator asks for, with its arguments.
enum Invocation: Sendable {
  /// Migrate stores into the database.
  case migrate(ParsedArguments<MigrateOptions>)
  /// List the stores.
  case scan(ParsedArguments<ScanOptions>)
  /// Compare the database with the files.
  case verify(ParsedArguments<VerifyOptions>)
  /// Undo the changes that a run made.
  case rollback(ParsedArguments<RollbackArguments>)
  /// List the backups or the dumps.
  case backupsList(ParsedArguments<BackupsListOptions>)
  /// Compare backups or dumps with their manifests.
  case backupsVerify(ParsedArguments<BackupsVerifyOptions>)
  /// Restore stores of a backup, or a dump.
  case backupsRestore(ParsedArguments<BackupsRestoreOptions>)
  /// Remove old backups or dumps.
  case backupsPrune(ParsedArguments<BackupsPruneOptions>)
  /// Dump the target database.
  case backupsDump(ParsedArguments<BackupsDumpOptions>)
  /// Show the state of each store.
  case status(ParsedArguments<StatusOptions>)
  /// Show every run.
  case history(ParsedArguments<HistoryOptions>)
  /// Write the page of a run again.
  case report(ParsedArguments<ReportOptions>)
  /// Check everything that a run needs.
  case doctor(ParsedArguments<DoctorOptions>)
  /// Search a user's documents, or chunks of indexed content.
  case search(ParsedArguments<SearchOptions>)
  /// Embed the chunks that have no embedding.
  case reembed(ParsedArguments<ReembedOptions>)
  /// List the models.
  case projectionList(ParsedArguments<ProjectionListOptions>)
  /// Show one model.
  case projectionShow(ParsedArguments<ProjectionShowOptions>)
  /// Write one model to a file.
  case projectionExport(ParsedArguments<ProjectionExportOptions>)
  /// Fit a store's model again.
  case projectionRefit(ParsedArguments<ProjectionRefitOptions>)
  /// Run a command below `index`: build, convert, tune, show or repair indexes.
  case index(IndexInvocation)
  /// Change the dimension of a vector column, or continue a change that was stopped.
  case dimensionsChange(ParsedArguments<DimensionsChangeOptions>)
  /// Show all changes of dimensions.
  case dimensionsStatus(ParsedArguments<DimensionsStatusOptions>)
  /// Restore the old column after a change of dimension.
  case dimensionsUndo(ParsedArguments<DimensionsEndOptions>)
  /// Drop the old column after a change of dimension.
  case dimensionsFinish(ParsedArguments<DimensionsEndOptions>)
  /// Run a command below `schema`: set up, upgrade, check or undo a schema.
  case schema(SchemaInvocation)
  /// Start the embedded server.
  case serverStart
  /// Stop the embedded server.
  case serverStop
  /// Show the state of the embedded server.
  case serverStatus(ParsedArguments<ServerStatusOptions>)
  /// Print the embedded server's address.
  case serverURL
  /// Run psql on the embedded server, with these arguments.
  case serverPsql([String])
  /// Print the completion script of a shell.
  case completions(Shell)
  /// Write the manual pages into this folder.
  case manual(String)
}
