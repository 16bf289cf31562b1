internal import Postgres
internal import Schema

/// `schema …`: opens what a command needs, and turns every failure into an exit code.
struct SchemaCommand {
  let console: Console
  let environment: [String: String]

  /// Carries one of the commands out.
  func run(_ command: SchemaInvocation) -> ExitCode {
    do {
      return switch command {
      case .up(let it):
        try SchemaRunCommand(self, it.run).run(.up(Self.extent(steps: it.steps, to: it.to)))
      case .down(let it):
        try SchemaRunCommand(self, it.run).run(
          .down(it.all ? .all : Self.extent(steps: it.steps, to: it.to, otherwise: .batch)))
      case .redo(let it): try SchemaRunCommand(self, it).run(.redo)
      case .refresh(let it): try SchemaRunCommand(self, it).run(.refresh)
      case .apply(let it): try apply(it)
      case .revert(let it): try revert(it)
      case .status(let it): try SchemaStatusCommand(self, it).run()
      case .check(let it): try SchemaCheckCommand(self, it).run()
      case .verify(let it): try SchemaVerifyCommand(self, it).run()
      case .make(let it): try SchemaMakeCommand(it, console: console).run()
      case .baseline(let it): try SchemaBaselineCommand(self, it).run()
      case .list(let it): try SchemaListCommand(it, console: console).run()
      }
    } catch {
      return report(error)
    }
  }

  private static func extent(
    steps: Int?, to: String?, otherwise: SchemaExtent = .all
  ) throws -> SchemaExtent {
    if steps != nil, to != nil {
      throw SchemaError("--steps and --to say different things", remedy: "give one of them")
    }
    return steps.map(SchemaExtent.steps) ?? to.map(SchemaExtent.to) ?? otherwise
  }

  private func apply(_ it: ParsedArguments<SchemaNamedOptions>) throws -> ExitCode {
    guard it.advisable != !it.names.isEmpty else {
      throw SchemaError("which migrations?", remedy: "name them, or give --advisable")
    }
    return try SchemaRunCommand(self, it.run).run(
      it.advisable ? .applyAdvisable : .apply(it.names))
  }

  private func revert(_ it: ParsedArguments<SchemaNamedOptions>) throws -> ExitCode {
    guard it.names.count == 1, !it.advisable else {
      throw SchemaError("schema revert takes one migration", remedy: "name it")
    }
    return try SchemaRunCommand(self, it.run).run(.revert(it.names[0]))
  }

  private func report(_ error: any Error) -> ExitCode {
    console.diagnostics.show(nil)
    switch error {
    case let error as SchemaError:
      console.diagnostics.fail("\(error.problem)")
      console.diagnostics.note("  Remedy: \(error.remedy)")
      return .preflightFailed
    case let error as MigrationFailure:
      console.diagnostics.fail("\(error.description)")
      if case .interrupted = error.cause { return .interrupted }
      return .someStoresFailed
    case PostgresError.interrupted:
      console.diagnostics.fail("interrupted")
      return .interrupted
    default:
      console.diagnostics.fail("\(String(describing: error))")
      return .preflightFailed
    }
  }

  // MARK: What commands need

  /// The set that is meant.
  func set(_ source: ParsedArguments<SchemaSourceOptions>) throws -> MigrationSet {
    if let directory = source.directory {
      let found = try MigrationSet.read(directory: directory)
      return source.set.map { found.named($0) } ?? found
    }
    return try MigrationSet.bundled(source.set ?? "vector_documents")
  }

  /// The database that is meant.
  func database(_ source: ParsedArguments<SchemaSourceOptions>) throws -> DatabaseChoice {
    try DatabaseChoice.find(option: source.databaseURL, environment: environment)
  }

  /// A session in it.
  func connect(_ choice: DatabaseChoice, mayStart: Bool) throws -> Connection {
    try choice.connect(mayStart: mayStart) { console.diagnostics.note("\($0)") }
  }
}
