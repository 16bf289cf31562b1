internal import Migration
internal import Postgres
internal import Stores

/// `backups dump`: the target database as `pg_dump` has it, beside the copies of files.
struct DumpCommand {
  let arguments: ParsedArguments<BackupsDumpOptions>
  let console: Console
  let environment: [String: String]

  /// Makes a dump, reads it back, tries it where asked, and removes old ones.
  func run() -> ExitCode {
    do {
      let choice = try DatabaseChoice.find(
        option: arguments.databaseURL, environment: environment)
      let dumps = DatabaseDumps(
        backupDirectory: arguments.backup.directory, programs: choice.programs,
        isInterrupted: { Interruption.isRequested })
      if arguments.list { return list(try dumps.all(), unfinished: try dumps.unfinished()) }
      let connection = try choice.connectToExisting { console.diagnostics.note("\($0)") }
      let (dump, entries) = try dumps.make(of: connection)
      say("Dumped to \(dump.path): \(byteSize(dump.size)), \(counted(entries, "entry", "entries"))")
      var trial: DatabaseDumps.Trial?
      if arguments.testRestore {
        let found = try dumps.test(dump, on: connection)
        say(
          "Restored for a trial: \(counted(found.tables, "table")), \(counted(found.rows, "row"))")
        trial = found
      }
      let gone = try dumps.prune(olderThanDays: arguments.keepDays)
      for old in gone { say("Removed \(old.path)") }
      if arguments.output.json {
        console.output.print(json: [
          "dump": dump.json, "entries": .int(entries),
          "trial": trial.map { ["tables": .int($0.tables), "rows": .int($0.rows)] } ?? .null,
          "removed": .array(gone.map { .string($0.path) }), "exit_code": 0,
        ])
      }
      return .done
    } catch {
      return console.report(failure: error, asJSON: arguments.output.json)
    }
  }

  private func list(
    _ dumps: [DatabaseDumps.StoredDump], unfinished: [DatabaseDumps.StoredDump]
  ) -> ExitCode {
    if arguments.output.json {
      console.output.print(json: [
        "dumps": .array(dumps.map(\.json)), "unfinished": .array(unfinished.map(\.json)),
      ])
      return .done
    }
    if dumps.isEmpty { console.print("There are no dumps in \(arguments.backup.directory)") }
    for dump in dumps { console.print("\(dump.path)  \(byteSize(dump.size))") }
    for part in unfinished {
      console.print("\(part.path)  \(byteSize(part.size)), unfinished: not a dump")
    }
    return .done
  }

  private func say(_ message: Message) {
    if !arguments.output.json { console.print(message) }
  }
}

extension DatabaseDumps.StoredDump {
  fileprivate var json: JSONValue {
    ["path": .string(path), "bytes": .int(size), "finished": .int(finished)]
  }
}

extension DatabaseChoice {
  /// Where `pg_dump` of the very server may be.
  var programs: [String] {
    guard case .embedded(let server) = self, let binaries = try? server.binaries else { return [] }
    return [binaries.directory]
  }
}
