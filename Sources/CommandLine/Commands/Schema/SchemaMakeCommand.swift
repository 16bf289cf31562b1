internal import Messages
internal import Arguments
internal import Glibc
internal import Postgres
internal import MigrationFiles
internal import OwnSchema
internal import Schema

/// The command `schema make NAME`, which writes an empty migration file, numbered by the current
/// time.
struct SchemaMakeCommand {
  private let arguments: ParsedArguments<SchemaMakeOptions>
  private let console: Console

  init(_ arguments: ParsedArguments<SchemaMakeOptions>, console: Console) {
    self.arguments = arguments
    self.console = console
  }

  /// Writes the migration file and prints its path.
  func run() throws -> ExitCode {
    guard let draft = try? MigrationDraft(name: arguments.name) else {
      throw UsageError(
        path: ["schema", "make"],
        fault: .invalidValue(parameter: "NAME", word: arguments.name, .notFileName))
    }
    for path in try draft.write(to: arguments.directory) { console.print("\(path)") }
    return .done
  }
}

/// The command `schema baseline VERSION`, which marks migrations as applied without running them.
struct SchemaBaselineCommand {
  private let command: SchemaCommand
  private let arguments: ParsedArguments<SchemaBaselineOptions>

  init(_ command: SchemaCommand, _ arguments: ParsedArguments<SchemaBaselineOptions>) {
    self.command = command
    self.arguments = arguments
  }

  /// Asks the operator, marks the migrations in the ledger as applied, and lists them.
  func run() throws -> ExitCode {
    let console = command.console
    let set = try command.set(arguments.source)
    let target = try set.migration(named: arguments.version)
    let choice = try command.database(arguments.source)
    console.show(set.reading)
    if !arguments.yes {
      console.print("Database: \(choice.description)")
      switch console.agree("Mark \(target.fullName) and all before it as applied? (yes/no):") {
      case .yes: break
      case .no:
        console.diagnostics.note("Nothing was marked.")
        return .preflightFailed
      case .nobody:
        throw SchemaError(
          "there is no terminal to ask, and nothing was marked", remedy: "give --yes")
      }
    }
    let connection = try command.connect(choice, mayStart: true)
    let printer = SchemaEventPrinter(console: console)
    let marked = try SchemaRunner(
      connection: connection, set: set, options: try arguments.filled(SchemaOptions()),
      observe: printer.show
    ).baseline(to: arguments.version)
    for migration in marked { console.print("marked as applied: \(migration.fullName)") }
    if marked.isEmpty { console.print("Nothing to mark: all these migrations are in the ledger.") }
    return .done
  }
}
