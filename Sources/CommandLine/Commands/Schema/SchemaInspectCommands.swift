internal import Arguments
internal import Messages
internal import JSON
internal import Postgres
internal import MigrationFiles
internal import OwnSchema
internal import Schema
internal import Stores

/// The command `schema check`, which runs only steps 1 and 2 of the guided run.
struct SchemaCheckCommand {
  private let command: SchemaCommand
  private let arguments: ParsedArguments<SchemaInspectOptions>

  init(_ command: SchemaCommand, _ arguments: ParsedArguments<SchemaInspectOptions>) {
    self.command = command
    self.arguments = arguments
  }

  /// Prints the findings; an obstacle gives exit code 3.
  func run() throws -> ExitCode {
    let set = try command.set(arguments.source)
    let choice = try command.database(arguments.source)
    let connection = try command.connect(choice, mayStart: true)
    guard arguments.output.json else {
      let guide = SchemaGuide(console: command.console)
      command.console.print("Database: \(choice.description)")
      command.console.show(set.reading)
      try guide.checkExtension(set, on: connection)
      try guide.checkTables(set, on: connection)
      return .done
    }
    let facts = try ServerFacts.read(connection)
    let obstacle = set.isBundled ? facts.obstacle : nil
    command.console.output.print(json: [
      "set": .string(set.name), "database": .string(choice.description),
      "server_version": .int(facts.serverVersion),
      "vector_version": JSONValue(facts.vectorVersion?.description),
      "available_vector_version": JSONValue(facts.availableVectorVersion?.description),
      "existing_tables": .array(
        try set.existingTables(on: connection).map(JSONValue.string)),
      "obstacle": JSONValue(obstacle?.description), "files": set.reading?.json ?? .null,
    ])
    return obstacle == nil ? .done : .preflightFailed
  }
}

/// The command `schema verify`, which runs the checks of one set and the checks for every set.
struct SchemaVerifyCommand {
  private let command: SchemaCommand
  private let arguments: ParsedArguments<SchemaInspectOptions>

  init(_ command: SchemaCommand, _ arguments: ParsedArguments<SchemaInspectOptions>) {
    self.command = command
    self.arguments = arguments
  }

  /// Prints each finding; a failed check gives exit code 4.
  func run() throws -> ExitCode {
    let set = try command.set(arguments.source)
    let choice = try command.database(arguments.source)
    let connection = try command.connectToExisting(choice)
    let report = try SchemaVerification(
      set: set, connection: connection, environment: command.environment,
      ledger: arguments.filled(SchemaOptions()).ledger
    ).run()
    if arguments.output.json {
      command.console.output.print(json: [
        "set": .string(set.name), "database": .string(choice.description),
        "findings": .array(report.findings.map(\.json)), "sound": .bool(report.isSound),
        "open": .int(report.open), "files": set.reading?.json ?? .null,
      ])
    } else {
      show(report, set: set, database: choice.description)
    }
    return report.isSound ? .done : .differenceFound
  }

  private func show(_ report: VerificationReport, set: MigrationSet, database: String) {
    let console = command.console
    console.print("Verification of set \(set.name, .bold) in \(database)")
    console.show(set.reading)
    for category in VerifyCategory.allCases {
      let findings = report.findings.filter { $0.category == category }
      guard !findings.isEmpty else { continue }
      console.print("\(category.title, .bold)")
      for finding in findings {
        let mark: Message =
          !finding.holds
          ? "\("FAIL", .red)" : finding.isOpen ? "\("open", .yellow)" : "\("ok  ", .green)"
        let time = finding.seconds.map { " (\(Self.milliseconds($0)))" } ?? ""
        console.print("  \(mark) \(finding.title)\(time)")
        for detail in finding.details { console.print("         \(detail)") }
      }
    }
    let failed = report.findings.filter { !$0.holds }.count
    if failed > 0 {
      console.print("\(counted(failed, "check")) failed.")
    } else if report.open > 0 {
      console.print(
        "No check failed; \(counted(report.open, "check")) could not be made, for the reasons "
          + "shown."
      )
    } else {
      console.print("\("Everything holds.", .green)")
    }
  }

  private static func milliseconds(_ seconds: Double) -> String {
    let tenths = Int((seconds * 10_000).rounded())
    return "\(tenths / 10).\(tenths % 10) ms"
  }
}

extension VerifyCategory {
  fileprivate var title: String {
    switch self {
    case .structure: "Structure"
    case .integrity: "Integrity"
    case .performance: "Performance"
    }
  }
}

extension VerificationReport.Finding {
  fileprivate var json: JSONValue {
    [
      "category": .string(category.rawValue), "title": .string(title), "holds": .bool(holds),
      "open": .bool(isOpen),
      "seconds": seconds.map(JSONValue.double) ?? .null,
      "details": .array(details.map(JSONValue.string)),
    ]
  }
}

/// The command `schema list`, which lists the bundled sets, or prints the files of one set.
struct SchemaListCommand {
  private let arguments: ParsedArguments<SchemaListOptions>
  private let console: Console

  init(_ arguments: ParsedArguments<SchemaListOptions>, console: Console) {
    self.arguments = arguments
    self.console = console
  }

  /// Prints the sets, or the files of one set unchanged.
  func run() throws -> ExitCode {
    if arguments.up, arguments.set == nil || arguments.output.json {
      throw UsageError(
        path: ["schema", "list"],
        fault: arguments.output.json
          ? .incompatible(flag: "--up", with: "--json")
          : .dependent(flag: "--up", on: "--set"))
    }
    if let name = arguments.set {
      let set = try SchemaCommand.bundled(name)
      if arguments.up {
        for migration in set.regular {
          console.print("\("-- file:", .bold) \(migration.fullName).sql")
          console.output.write(raw: migration.up.text + "\n")
        }
        return .done
      }
      if arguments.output.json {
        console.output.print(json: set.json)
      } else {
        for file in MigrationSet.bundledFiles(of: name) {
          console.print("\("-- file:", .bold) \(file.name)")
          console.output.write(raw: file.text)
        }
      }
      return .done
    }
    let sets = try MigrationSet.bundledNames.map { try MigrationSet.bundled($0) }
    if arguments.output.json {
      console.output.print(json: ["sets": .array(sets.map(\.json))])
      return .done
    }
    for set in sets {
      console.print("\(set.name, .bold): \(set.summary)")
      for migration in set.migrations {
        console.print("  \(migration.fullName)\(migration.isByNameOnly ? " (by name only)" : "")")
      }
    }
    return .done
  }
}

extension MigrationSet {
  fileprivate var json: JSONValue {
    [
      "name": .string(name), "summary": .string(summary),
      "migrations": .array(
        migrations.map { migration in
          [
            "version": .string(migration.version), "name": .string(migration.name),
            "checksum": .string(migration.checksum.description),
            "by_name_only": .bool(migration.isByNameOnly), "has_down": .bool(migration.down != nil),
          ]
        }),
    ]
  }
}
