internal import Messages
internal import Arguments
internal import Backups
internal import Ledger
internal import Postgres
internal import OwnSchema

/// Makes the dump that `--dump-first` asks for, before anything is executed.
struct SchemaDump {
  let command: SchemaCommand
  let arguments: ParsedArguments<SchemaRunOptions>

  /// The number of days for which dumps are kept.
  private static let retention = 7

  /// Makes a dump and removes old dumps; a failure stops the run.
  func take(of choice: DatabaseChoice) throws {
    let console = command.console
    let dumps = DatabaseDumps(
      backupDirectory: arguments.backup.directory, environment: command.environment,
      isInterrupted: { Interruption.isRequested })
    do throws(Failure) {
      let dump = try dumps.make(of: try connection(to: choice))
      console.print(
        """
        Dump taken and checked: \(dump.path) (\(byteSize(dump.size)), \
        \(counted(dump.manifest?.entries ?? 0, "entry", "entries")))
        """)
      let removed = try dumps.prune(after: dump, olderThanDays: Self.retention)
      if !removed.isEmpty {
        console.print("Removed \(counted(removed.count, "dump")) older than \(Self.retention) days")
      }
    } catch {
      throw SchemaError(
        "no dump was taken, so nothing was executed: \(error.reason)",
        remedy: error.remedy ?? "to run without a dump, leave --dump-first out")
    }
  }

  private func connection(to choice: DatabaseChoice) throws(Failure) -> Connection {
    do {
      return try command.connect(choice, mayStart: true)
    } catch {
      throw Failure(error)
    }
  }
}
