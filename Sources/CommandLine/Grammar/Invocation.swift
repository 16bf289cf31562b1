internal import Arguments

/// A command that was asked for, with its arguments.
enum Invocation: Sendable {
  /// Migrate stores into the database.
  case migrate(ParsedArguments<MigrateOptions>)
  /// List the stores.
  case scan(ParsedArguments<ScanOptions>)
  /// Compare the database with the files.
  case verify(ParsedArguments<VerifyOptions>)
  /// Undo what a run wrote.
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
  /// Check everything that a run needs.
  case doctor(ParsedArguments<DoctorOptions>)
  /// Search a user's documents, or chunks of indexed content.
  case search(ParsedArguments<SearchOptions>)
  /// Embed the chunks that have no embedding.
  case reembed(ParsedArguments<ReembedOptions>)
  /// List the projections.
  case projectionList(ParsedArguments<ProjectionListOptions>)
  /// Show one projection.
  case projectionShow(ParsedArguments<ProjectionShowOptions>)
  /// Write one projection to a file.
  case projectionExport(ParsedArguments<ProjectionExportOptions>)
  /// Fit a store's projection again.
  case projectionRefit(ParsedArguments<ProjectionRefitOptions>)
  /// Build, convert, tune, show and repair indexes.
  case index(IndexInvocation)
  /// Change a vector column's dimension, or continue a change.
  case dimensionsChange(ParsedArguments<DimensionsChangeOptions>)
  /// Show all changes of dimensions.
  case dimensionsStatus(ParsedArguments<DimensionsStatusOptions>)
  /// Restore the old column.
  case dimensionsUndo(ParsedArguments<DimensionsEndOptions>)
  /// Drop the old column.
  case dimensionsFinish(ParsedArguments<DimensionsEndOptions>)
  /// Set up, upgrade, check and undo a schema.
  case schema(SchemaInvocation)
  /// Start the embedded server.
  case serverStart
  /// Stop the embedded server.
  case serverStop
  /// Show whether the embedded server runs.
  case serverStatus(ParsedArguments<ServerStatusOptions>)
  /// Print the embedded server's address.
  case serverURL
  /// Run psql against the embedded server, with these arguments.
  case serverPsql([String])
  /// Print a completion script.
  case completions(Shell)
}
