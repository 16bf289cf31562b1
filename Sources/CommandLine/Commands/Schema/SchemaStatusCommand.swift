internal import Arguments
internal import Clock
internal import Messages
internal import MigrationFiles
internal import Backups
internal import JSON
internal import Postgres
internal import Schema
internal import Stores

/// The command `schema status`, which shows each migration of a set with its state.
struct SchemaStatusCommand {
  private let command: SchemaCommand
  private let arguments: ParsedArguments<SchemaInspectOptions>

  init(_ command: SchemaCommand, _ arguments: ParsedArguments<SchemaInspectOptions>) {
    self.command = command
    self.arguments = arguments
  }

  /// Prints the migrations as a table; the exit code is 1 where something has to be repaired.
  ///
  /// That is a changed, missing or half-done migration, or an INVALID index.
  func run() throws -> ExitCode {
    let set = try command.set(arguments.source)
    let choice = try command.database(arguments.source)
    let connection = try command.connectToExisting(choice)
    let state = try SetState.read(
      set, on: connection, ledger: arguments.filled(SchemaOptions()).ledger)
    let next = try state.nextSteps(on: connection)
    let invalid = try CatalogSnapshot.read(connection).invalidIndexes.sorted()
    let found = try DatabaseDumps(
      backupDirectory: arguments.backup.directory, isInterrupted: { Interruption.isRequested }
    ).lastGood(of: DumpIdentity.read(connection), readingUpTo: Self.largestRead)
    let dump = found.dump
    let isSound = invalid.isEmpty && state.migrations.allSatisfy(\.isSound)
    if arguments.output.json {
      command.console.output.print(json: [
        "set": .string(set.name), "database": .string(choice.description),
        "migrations": .array(state.migrations.map(\.json)),
        "invalid_indexes": .array(invalid.map(JSONValue.string)),
        "last_dump": JSONValue(dump.map { Self.moment($0).shown }),
        "last_dump_file": JSONValue(dump?.path),
        "last_dump_checked": dump == nil ? .null : .bool(found.isRead),
        "damaged_dumps": .array(found.damaged.map { .string($0.path) }), "sound": .bool(isSound),
        "files": set.reading?.json ?? .null,
        "next_steps": .array(next.map(JSONValue.string)),
      ])
    } else {
      show(state, invalid: invalid, database: choice.description)
      for step in next { command.console.print("\("Next:", .yellow) \(step)") }
      show(dump, isRead: found.isRead)
    }
    for dump in found.damaged {
      command.console.diagnostics.warn("\(dump.path) is damaged: \(dump.problem ?? "")")
    }
    return isSound ? .done : .someStoresFailed
  }

  /// The largest dump, in bytes, that the command reads completely: it must not take minutes.
  private static let largestRead = 256 << 20

  private func show(_ dump: StoredDump?, isRead: Bool) {
    guard let dump else { return command.console.print("Last good dump: there is none") }
    let state: Message =
      isRead
      ? "every byte checked"
      : "the bytes of the dump were not checked; check the dump with: vector-ferry backups "
        + "verify --dumps"
    command.console.print(
      "Last good dump: \(Self.moment(dump).shown) (\(dump.path), \(byteSize(dump.size)); \(state))")
  }

  private func show(_ state: SetState, invalid: [String], database: String) {
    let console = command.console
    console.print("Set \(state.set.name, .bold) in \(database)")
    console.show(state.set.reading)
    var table = Table([
      .left("VERSION"), .left("MIGRATION"), .left("STATE"), .right("BATCH"), .left("APPLIED"),
      .left("CHECKSUM"),
    ])
    for migration in state.migrations {
      table.append([
        "\(migration.version)", "\(migration.description)", migration.kind.message,
        "\(migration.row.map { String($0.batch) } ?? "")",
        "\(migration.row?.appliedAt.shown ?? "")",
        "\((migration.row?.checksum ?? migration.migration?.checksum)?.short ?? "")",
      ])
    }
    console.print(table)
    for migration in state.migrations {
      guard let note = migration.row?.note else { continue }
      console.print("\(migration.version) \(migration.description): \(note)")
    }
    console.print("\(counted(state.pending.count, "migration")) pending")
    if !invalid.isEmpty {
      console.print("\("INVALID indexes:", .red) \(invalid.joined(separator: ", "))")
    }
  }

  private static func moment(_ dump: StoredDump) -> Timestamp {
    Timestamp(secondsSince1970: Int64(dump.finished))
  }
}

extension MigrationState {
  /// True where the state needs no repair.
  var isSound: Bool {
    switch kind {
    case .changed, .missing, .halfWay: false
    default: true
    }
  }

  fileprivate var json: JSONValue {
    [
      "version": .string(version), "description": .string(description),
      "state": .string(kind.name), "batch": JSONValue(row?.batch),
      "applied_at": JSONValue(row?.appliedAt.shown),
      "checksum": JSONValue((row?.checksum ?? migration?.checksum)?.description),
      "file_checksum": JSONValue(migration?.checksum.description),
      "accepted_checksum": JSONValue(row?.acceptedChecksum?.description),
      "statements_done": JSONValue(row?.statementsDone), "note": JSONValue(row?.note),
    ]
  }
}

extension MigrationState.Kind {
  /// The state in one word, for JSON.
  fileprivate var name: String {
    switch self {
    case .pending: "pending"
    case .optional: "optional"
    case .outOfOrder: "out_of_order"
    case .applied: "applied"
    case .changed: "changed"
    case .repeated: "repeated"
    case .missing: "missing"
    case .halfWay: "half_way"
    }
  }

  fileprivate var message: Message {
    switch self {
    case .optional: "\(description)"
    case .applied: Message(description, .green)
    case .pending, .outOfOrder, .repeated: Message(description, .yellow)
    case .changed, .missing, .halfWay: Message(description, .red)
    }
  }
}

extension Timestamp {
  /// The time in the form `2026-01-02 03:04:05 UTC`.
  var shown: String {
    let time = DateAndTime(secondsSince1970: secondsSince1970)
    return "\(time.date(separator: "-")) \(time.time(separator: ":")) UTC"
  }
}
