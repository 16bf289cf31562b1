internal import Messages
internal import Arguments
internal import Ledger
internal import Postgres
internal import MigrationFiles
internal import OwnSchema
internal import Schema

/// The commands below `schema`, with the code that opens sets and databases and reports failures.
struct SchemaCommand {
  let console: Console
  let environment: [String: String]

  /// Runs one of the commands below `schema`.
  func run(_ command: SchemaInvocation) -> ExitCode {
    do {
      return switch command {
      case .up(let it):
        try SchemaRunCommand(self, it.run).run(.up(Self.extent(steps: it.steps, to: it.to)))
      case .down(let it):
        try SchemaRunCommand(self, it.run).run(.down(Self.extent(it)))
      case .redo(let it): try SchemaRunCommand(self, it).run(.redo)
      case .refresh(let it): try SchemaRunCommand(self, it).run(.refresh)
      case .apply(let it): try apply(it)
      case .revert(let it): try revert(it)
      case .status(let it): try SchemaStatusCommand(self, it).run()
      case .check(let it): try SchemaCheckCommand(self, it).run()
      case .verify(let it): try SchemaVerifyCommand(self, it).run()
      case .make(let it): try SchemaMakeCommand(it, console: console).run()
      case .baseline(let it): try SchemaBaselineCommand(self, it).run()
      case .adopt(let it): try SchemaAdoptCommand(self, it).run()
      case .list(let it): try SchemaListCommand(it, console: console).run()
      }
    } catch {
      return report(error)
    }
  }

  private static func extent(steps: Int?, to: String?) throws -> SchemaExtent {
    if steps != nil, to != nil {
      throw UsageError(path: ["schema", "up"], fault: .incompatible(flag: "--steps", with: "--to"))
    }
    return steps.map(SchemaExtent.steps) ?? to.map(SchemaExtent.to) ?? .all
  }

  private static func extent(_ it: ParsedArguments<SchemaDownOptions>) throws -> SchemaExtent {
    let given = [
      ("--batch", it.batch), ("--steps", it.steps != nil), ("--all", it.all),
      ("--to", it.to != nil),
    ].filter(\.1).map(\.0)
    if given.count > 1 {
      throw UsageError(
        path: ["schema", "down"], fault: .incompatible(flag: given[0], with: given[1]))
    }
    if it.all { return .all }
    return it.steps.map(SchemaExtent.steps) ?? it.to.map(SchemaExtent.to) ?? .batch
  }

  private func apply(_ it: ParsedArguments<SchemaNamedOptions>) throws -> ExitCode {
    guard it.advisable != !it.names.isEmpty else {
      throw UsageError(
        path: ["schema", "apply"],
        fault: it.advisable
          ? .incompatible(flag: "--advisable", with: "NAME")
          : .missingPositional(placeholder: "NAME", choices: []))
    }
    return try SchemaRunCommand(self, it.run).run(
      it.advisable ? .applyAdvisable : .apply(it.names))
  }

  private func revert(_ it: ParsedArguments<SchemaNamedOptions>) throws -> ExitCode {
    let path = ["schema", "revert"]
    if it.advisable {
      throw UsageError(path: path, fault: .incompatible(flag: "--advisable", with: "revert"))
    }
    guard let name = it.names.first else {
      throw UsageError(path: path, fault: .missingPositional(placeholder: "NAME", choices: []))
    }
    if it.names.count > 1 {
      throw UsageError(path: path, fault: .surplus(word: it.names[1], program: nil))
    }
    return try SchemaRunCommand(self, it.run).run(.revert(name))
  }

  /// Reports an error and returns the exit code.
  func report(_ error: any Error) -> ExitCode {
    console.diagnostics.show(nil)
    switch error {
    case let error as UsageError:
      return console.report(error, of: Program.vectorFerry(version: ProgramVersion.current))
    case let error as SchemaError:
      console.diagnostics.fail("\(error.problem)")
      console.diagnostics.note("  Remedy: \(error.remedy)")
    case PostgresError.interrupted: console.diagnostics.fail("interrupted")
    default: console.diagnostics.fail(with: error)
    }
    return ExitCode(for: error)
  }

  // MARK: What commands need

  /// Finds the set of migrations that the options name.
  func set(_ source: ParsedArguments<SchemaSourceOptions>) throws -> MigrationSet {
    if let directory = source.directory {
      let found = try MigrationSet.read(directory: directory)
      return source.set.map { found.named($0) } ?? found
    }
    return try Self.bundled(source.set ?? "vector_documents")
  }

  /// Finds a set that comes with the program; an unknown name is an error in the command line.
  static func bundled(_ name: String) throws -> MigrationSet {
    guard MigrationSet.bundledNames.contains(name) else {
      throw UsageError(
        path: ["schema"],
        fault: .invalidValue(
          parameter: "--set", word: name, .notAmong(MigrationSet.bundledNames)))
    }
    return try MigrationSet.bundled(name)
  }

  /// Finds the database that the options name.
  func database(_ source: ParsedArguments<SchemaSourceOptions>) throws -> DatabaseChoice {
    try DatabaseChoice.find(option: source.databaseURL, environment: environment)
  }

  /// Opens a session in an existing database; an embedded server that is stopped is started.
  func connectToExisting(_ choice: DatabaseChoice) throws -> Connection {
    do {
      return try choice.connectToExisting(settings: .operators) {
        console.diagnostics.note("\($0)")
      }
    } catch let failure as Failure {
      throw SchemaError(
        failure.reason, remedy: failure.remedy ?? "name the database with DATABASE_URL")
    }
  }

  /// Opens a session in the database, with the settings under which the operator's statements run.
  func connect(_ choice: DatabaseChoice, mayStart: Bool) throws -> Connection {
    try choice.connect(mayStart: mayStart, settings: .operators) {
      console.diagnostics.note("\($0)")
    }
  }
}
