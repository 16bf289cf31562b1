internal import Arguments
internal import Messages
internal import Backups
internal import JSON
internal import Postgres
internal import Stores

/// The command `backups dump`, which saves the target database with `pg_dump`.
struct DumpCommand {
  let arguments: ParsedArguments<BackupsDumpOptions>
  let console: Console
  let environment: [String: String]

  /// Makes a dump and reads it back, tests the restore if the operator wants it, and removes old
  /// dumps.
  ///
  /// With `--list`, only lists the dumps of the database.
  func run() -> ExitCode {
    do {
      let choice = try DatabaseChoice.find(
        option: arguments.databaseURL, environment: environment)
      let dumps = DatabaseDumps(
        backupDirectory: arguments.backup.directory, environment: environment,
        isInterrupted: { Interruption.isRequested })
      let connection = try choice.connectToExisting { console.diagnostics.note("\($0)") }
      if arguments.list {
        let identity = try DumpIdentity.read(connection)
        try DumpPrinter(console: console, isJSON: arguments.output.json)
          .list(of: .database(identity), named: identity.description, in: dumps)
        return .done
      }
      return try make(dumps, of: connection)
    } catch {
      return console.report(failure: error, asJSON: arguments.output.json)
    }
  }

  private func make(_ dumps: DatabaseDumps, of connection: Connection) throws -> ExitCode {
    let dump = try dumps.make(of: connection)
    guard let manifest = dump.manifest else { return .preflightFailed }
    say(
      """
      Dumped \(manifest.identity.description) to \(dump.path): \(byteSize(dump.size)), \
      \(counted(manifest.contents.tables.count, "table")), \
      \(counted(manifest.contents.rows, "row"))
      """)
    if !manifest.identity.isCertain {
      console.diagnostics.warn(
        """
        the role may not read the server's identifier: these dumps are never removed automatically
        """)
      console.diagnostics.note(
        "  Remedy: GRANT EXECUTE ON FUNCTION pg_control_system() to the role")
    }
    var trial: DatabaseDumps.Trial?
    if arguments.testRestore {
      let found = try dumps.test(dump, on: connection)
      say("Restored for a trial: \(counted(found.tables, "table")), \(counted(found.rows, "row"))")
      trial = found
    }
    let gone = try dumps.prune(after: dump, olderThanDays: arguments.keepDays)
    for old in gone { say("Removed \(old.path)") }
    if arguments.output.json {
      console.output.print(json: [
        "dump": dump.json(isRead: true), "entries": .int(manifest.entries),
        "trial": trial.map { ["tables": .int($0.tables), "rows": .int($0.rows)] } ?? .null,
        "removed": .array(gone.map { .string($0.path) }), "exit_code": 0,
      ])
    }
    return .done
  }

  private func say(_ message: Message) {
    if !arguments.output.json { console.print(message) }
  }
}
