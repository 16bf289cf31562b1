internal import Arguments
internal import Messages
internal import MigrationFiles
internal import OwnSchema
internal import Postgres
internal import Schema
internal import Takeover

/// The command `schema baseline`, which marks migrations as applied that the database has already.
struct SchemaBaselineCommand {
  private let command: SchemaCommand
  private let arguments: ParsedArguments<SchemaBaselineOptions>
  private var console: Console { command.console }

  init(_ command: SchemaCommand, _ arguments: ParsedArguments<SchemaBaselineOptions>) {
    self.command = command
    self.arguments = arguments
  }

  /// Asks the operator, marks the migrations in the ledger as applied, and lists them.
  func run() throws -> ExitCode {
    let set = try command.set(arguments.source)
    let choice = try command.database(arguments.source)
    if let version = arguments.version {
      let target = try set.migration(named: version)
      console.show(set.reading)
      if !arguments.yes { console.print("Database: \(choice.description)") }
      guard try isConfirmed("Mark \(target.fullName) and all before it as applied? (yes/no):")
      else {
        return .preflightFailed
      }
      show(try runner(of: set, on: command.connect(choice, mayStart: true)).baseline(to: version))
      return .done
    }
    let connection = try command.connectToExisting(choice)
    let found = try SetBaseline.find(set, on: connection)
    console.print("Database: \(choice.description)")
    show(found, of: set)
    guard try isConfirmed("Mark and change this? (yes/no):") else { return .preflightFailed }
    show(try found.take(by: runner(of: set, on: connection)))
    return .done
  }

  private func runner(of set: MigrationSet, on connection: Connection) throws -> SchemaRunner {
    let printer = SchemaEventPrinter(console: console)
    return SchemaRunner(
      connection: connection, set: set, options: try arguments.filled(SchemaOptions()),
      observe: printer.show)
  }

  /// Shows at which version the database is, what the command changes, and what differs.
  private func show(_ found: SetBaseline, of set: MigrationSet) {
    let last = found.migrations.last?.fullName ?? ""
    console.print(
      "The tables in schema \(found.schema.name) are those of set \(set.name, .bold) at \(last).")
    list("To be marked as applied", found.migrations.map(\.fullName))
    list("To be renamed", found.renamings)
    list("To be made", found.additions)
    list("Different, and left as it is", found.differences)
  }

  private func list(_ title: Message, _ lines: [String]) {
    guard !lines.isEmpty else { return }
    console.print("\(title):")
    for line in lines { console.print("  - \(line)") }
  }

  private func isConfirmed(_ question: Message) throws(SchemaError) -> Bool {
    if arguments.yes { return true }
    switch console.agree(question) {
    case .yes: return true
    case .no:
      console.diagnostics.note("Nothing was marked.")
      return false
    case .nobody:
      throw SchemaError("there is no terminal to ask, and nothing was marked", remedy: "give --yes")
    }
  }

  private func show(_ marked: [SQLMigration]) {
    for migration in marked { console.print("marked as applied: \(migration.fullName)") }
    if marked.isEmpty { console.print("Nothing to mark: all these migrations are in the ledger.") }
  }
}
