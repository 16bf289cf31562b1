internal import Arguments
internal import JSON
internal import Messages
internal import MigrationFiles
internal import OwnSchema
internal import Postgres
internal import Schema
internal import Stores
internal import Takeover
internal import ToolLedgers

/// The command `schema adopt`, which marks the migrations as applied that another tool has applied.
struct SchemaAdoptCommand {
  private let command: SchemaCommand
  private let arguments: ParsedArguments<SchemaAdoptOptions>
  private var console: Console { command.console }

  init(_ command: SchemaCommand, _ arguments: ParsedArguments<SchemaAdoptOptions>) {
    self.command = command
    self.arguments = arguments
  }

  /// Shows which migration each row of the other tool's ledger means, asks, and marks them.
  func run() throws -> ExitCode {
    let set = try command.set(arguments.source)
    let choice = try command.database(arguments.source)
    let connection = try command.connectToExisting(choice)
    let printer = SchemaEventPrinter(console: console)
    let runner = SchemaRunner(
      connection: connection, set: set, options: try arguments.filled(SchemaOptions()),
      observe: printer.show)
    let adoption = Adoption(
      of: try Adoption.source(named: try otherTable, for: set, on: connection),
      state: try runner.state())
    if !arguments.output.json { show(adoption, of: set, database: choice.description) }
    let unmatched = adoption.entries.count { $0.fate == .unmatched }
    if unmatched > 0 {
      console.diagnostics.warn(
        """
        \(counted(unmatched, "row")) of \(adoption.source.name) \(unmatched == 1 ? "is" : "are") \
        no migration of \(set.name)
        """)
    }
    let consent = isConfirmed(adoption)
    let marked = consent ? try adoption.take(by: runner) : []
    if arguments.output.json {
      console.output.print(json: adoption.json(marked: marked, set: set.name))
    } else if consent {
      for migration in marked { console.print("marked as applied: \(migration.fullName)") }
      if marked.isEmpty { console.print("Nothing to mark.") }
    }
    return consent ? .done : .preflightFailed
  }

  private var otherTable: QualifiedName? {
    get throws(SchemaError) {
      guard let argument = arguments.from else { return nil }
      guard let name = QualifiedName(parsing: argument) else {
        throw SchemaError(
          "--from \(argument) is not the name of a table", remedy: "write SCHEMA.NAME")
      }
      return name
    }
  }

  private func show(_ adoption: Adoption, of set: MigrationSet, database: String) {
    console.print("Database: \(database)")
    console.show(set.reading)
    console.print(
      """
      \(adoption.source.name, .bold) is the ledger of \(adoption.source.tool.name) and lists \
      \(counted(adoption.source.records.count, "migration")).
      """)
    var table = Table([.left("ITS ROW"), .left("APPLIED"), .left("MIGRATION"), .left("HERE")])
    for entry in adoption.entries {
      table.append([
        "\(entry.record)", "\(entry.appliedAt ?? "")", "\(entry.migration?.fullName ?? "")",
        entry.fate.message,
      ])
    }
    if !adoption.entries.isEmpty { console.print(table) }
  }

  private func isConfirmed(_ adoption: Adoption) -> Bool {
    if arguments.yes || adoption.marked.isEmpty { return true }
    let count = counted(adoption.marked.count, "migration")
    switch console.agree("Mark \(count) as applied? (yes/no):") {
    case .yes: return true
    case .no: console.diagnostics.note("Nothing was marked.")
    case .nobody:
      console.diagnostics.fail("there is no terminal to ask, and nothing was marked")
      console.diagnostics.note("  Remedy: run again with --yes")
    }
    return false
  }
}

extension Adoption.Fate {
  fileprivate var message: Message {
    switch self {
    case .marks: "to be marked as applied"
    case .known: "marked or applied already"
    case .incomplete: "\("not marked: it has failed or not ended", .red)"
    case .unmatched: "\("no such migration", .yellow)"
    }
  }
}

extension Adoption {
  /// The facts of the adoption as JSON.
  fileprivate func json(marked: [SQLMigration], set: String) -> JSONValue {
    [
      "set": .string(set), "tool": .string(source.tool.name), "table": .string(source.name),
      "rows": .array(
        entries.map { entry in
          [
            "row": .string(entry.record), "applied_at": JSONValue(entry.appliedAt),
            "migration": JSONValue(entry.migration?.fullName),
            "state": .string(entry.fate.rawValue),
          ]
        }),
      "marked": .array(marked.map { .string($0.fullName) }),
    ]
  }
}
