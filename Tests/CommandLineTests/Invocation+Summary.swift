import Ledger
import Messages
import Migration
import Stores
@testable import Arguments
@testable import CommandLine

/// The program with a version that the tests know.
let ferry = Program.vectorFerry(version: "1.2.3")

/// All commands in the words of a sentence: `migrate, scan or help`.
let commandList: String = {
  let names = ferry.commands.map(\.declaration.name)
  return names.dropLast().joined(separator: ", ") + " or " + (names.last ?? "")
}()

/// The commands that take an option, in the words of a sentence: `'migrate', 'scan' and 'verify'`.
func owners(of option: String) -> String {
  func all(_ command: CommandDeclaration) -> [CommandDeclaration] {
    [command] + command.subcommands.flatMap(all)
  }
  let lines = ferry.commands.flatMap { all($0.declaration) }
    .filter { $0.declarations.options.contains { $0.name == option } }.map { "'\($0.line)'" }
  guard lines.count > 1 else { return lines.first ?? "" }
  return lines.dropLast().joined(separator: ", ") + " and " + (lines.last ?? "")
}

/// Returns the result of parsing on one line: the command and its arguments, or the refusal.
func outcome(of words: [String]) -> String {
  do {
    switch try ferry.parse(words) {
    case .run(let invocation): return invocation.summary
    case .help(let path): return (["help"] + path).joined(separator: " ")
    case .version: return "version"
    case .versions: return "versions"
    }
  } catch {
    return "✗ " + error.message.plain
  }
}

extension Invocation {
  /// The command, and the arguments that were given.
  var summary: String {
    switch self {
    case .manual(let folder): line("manual", [folder])
    case .migrate(let arguments): line("migrate", arguments.given)
    case .scan(let arguments):
      line(
        "scan",
        arguments.source.given + arguments.selection.given + arguments.backup.given
          + arguments.output.given)
    case .status(let arguments):
      line(
        "status",
        arguments.selection.given + (arguments.failed ? ["failed"] : [])
          + (arguments.limit.map { ["limit=\($0)"] } ?? []) + arguments.backup.given
          + arguments.output.given)
    case .report(let arguments):
      line(
        "report",
        [arguments.run] + (arguments.output.map { ["output=\($0)"] } ?? [])
          + arguments.backup.given)
    case .history(let arguments):
      line(
        "history",
        arguments.words + (arguments.isGiven(\.limit) ? ["limit=\(arguments.limit)"] : [])
          + arguments.backup.given
          + arguments.output.given)
    case .verify: "verify"
    case .rollback: "rollback"
    case .doctor: "doctor"
    case .dimensionsChange: "dimensions change"
    case .dimensionsStatus: "dimensions status"
    case .dimensionsUndo: "dimensions undo"
    case .dimensionsFinish: "dimensions finish"
    case .search: "search"
    case .reembed: "reembed"
    case .backupsList: "backups list"
    case .backupsVerify: "backups verify"
    case .backupsRestore: "backups restore"
    case .backupsPrune: "backups prune"
    case .projectionList(let arguments):
      line("projection list", arguments.selection.given + arguments.output.given)
    case .projectionShow(let arguments):
      line("projection show", [arguments.model] + arguments.output.given)
    case .projectionExport(let arguments):
      line("projection export", [arguments.model] + arguments.output.given)
    case .projectionRefit(let arguments):
      line(
        "projection refit",
        [arguments.store, "from=\(arguments.origin.rawValue)"] + arguments.output.given)
    case .backupsDump: "backups dump"
    case .index: "index"
    case .schema: "schema"
    case .serverStart: "server start"
    case .serverStop: "server stop"
    case .serverStatus(let arguments): line("server status", arguments.output.given)
    case .serverURL: "server url"
    case .serverPsql(let words): line("server psql", words.map { "‹\($0)›" })
    case .completions(let shell): "completions \(shell.rawValue)"
    }
  }

  private func line(_ command: String, _ words: [String]) -> String {
    ([command] + words).joined(separator: " ")
  }
}

extension ParsedArguments<MigrateOptions> {
  fileprivate var given: [String] {
    guard let options = try? filled(MigrationOptions()) else { return ["refused"] }
    let switches = [
      ("dryRun", options.mode == .dryRun), ("yes", self.yes),
      ("failed", options.selection.onlyFailed), ("force", options.force),
      ("allowMismatch", options.reading.allowMismatch), ("escapeNUL", options.reading.escapeNUL),
      ("noBackup", !options.makesBackups), ("quiet", self.detail.quiet),
    ]
    let groups = [
      self.source.given, self.selection.given, self.backup.given, self.target.given,
      self.output.given,
    ]
    return switches.filter { $0.1 }.map { $0.0 } + groups.flatMap { $0 }
  }
}

extension ParsedArguments<SourceOptions> {
  fileprivate var given: [String] {
    (isGiven(\.userDataDirectory) ? ["data=\(self.userDataDirectory)"] : [])
      + (self.userIDMap.map { ["map=\($0)"] } ?? [])
  }
}

extension ParsedArguments<SelectionOptions> {
  fileprivate var given: [String] {
    [("users", self.users), ("collections", self.collections)].filter { !$0.1.isEmpty }
      .map { "\($0.0)=\($0.1.joined(separator: ","))" }
  }
}

extension ParsedArguments<BackupDirectoryOption> {
  fileprivate var given: [String] { isGiven(\.directory) ? ["backup=\(self.directory)"] : [] }
}

extension ParsedArguments<JSONOption> {
  fileprivate var given: [String] { self.json ? ["json"] : [] }
}

extension ParsedArguments<TargetOptions> {
  fileprivate var given: [String] {
    (self.databaseURL.map { ["url=\($0)"] } ?? [])
      + (isGiven(\.table) ? ["table=\(self.table)"] : [])
      + (self.dimensions.map { ["dimensions=\($0)"] } ?? [])
  }
}
