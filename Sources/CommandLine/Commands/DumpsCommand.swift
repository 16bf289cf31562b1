internal import Messages
internal import Arguments
internal import Backups
internal import Ledger
internal import JSON
internal import Postgres
internal import Stores

/// The commands `backups list|verify|prune` for the dumps of one database.
struct DumpsCommand {
  private let dumps: DatabaseDumps
  private let scope: DatabaseDumps.Scope
  /// The name of the database for people.
  private let database: String
  private let command: BackupsCommand
  private var console: Console { command.console }

  /// Finds the database: the one that `--of` names, otherwise the target database.
  init(
    scope: ParsedArguments<DumpScopeOptions>, directory: String, command: BackupsCommand,
    environment: [String: String]
  ) throws {
    self.command = command
    dumps = DatabaseDumps(
      backupDirectory: directory, environment: environment,
      isInterrupted: { Interruption.isRequested })
    if let named = scope.of {
      self.scope = .named(named)
      database =
        try dumps.dumps(of: .named(named)).lazy.compactMap(\.manifest?.identity).first?
        .description ?? named
      return
    }
    let choice = try DatabaseChoice.find(option: scope.databaseURL, environment: environment)
    let console = command.console
    do {
      let connection = try choice.connectToExisting { console.diagnostics.note("\($0)") }
      let identity = try DumpIdentity.read(connection)
      self.scope = .database(identity)
      database = identity.description
    } catch {
      // Dumps are needed most where the database no longer exists.
      let known = Set(try dumps.all().compactMap(\.manifest?.identity.description)).sorted()
      let cause = Failure(error)
      throw known.isEmpty
        ? cause
        : Failure(
          cause.kind, cause.reason,
          remedy: "name the database with --of, as its dumps name it; there are dumps of "
            + known.joined(separator: ", "))
    }
  }

  /// Lists the dumps; a bad dump gives exit code 1.
  func list(_ arguments: ParsedArguments<BackupsListOptions>) throws -> ExitCode {
    try DumpPrinter(console: console, isJSON: arguments.output.json)
      .list(of: scope, named: database, in: dumps)
    return try dumps.dumps(of: scope).contains { $0.state == .bad } ? .someStoresFailed : .done
  }

  /// Reads every byte of the dumps and compares the bytes with the manifests; a difference gives
  /// exit code 4.
  func verify(_ arguments: ParsedArguments<BackupsVerifyOptions>) throws -> ExitCode {
    let own = try dumps.dumps(of: scope)
    var chosen = own.filter { $0.state != .unfinished }
    if !arguments.backups.isEmpty {
      chosen = try arguments.backups.map { name in
        let dump = try dumps.dump(named: name)
        guard own.contains(dump) else {
          throw Failure(.preflight, "\(dump.name) is not a dump of \(database)")
        }
        return dump
      }
    }
    let verified = try chosen.map { try dumps.verified($0) }
    let isWrong = verified.contains { $0.state != .good }
    let code: ExitCode = isWrong ? .differenceFound : .done
    if arguments.output.json {
      console.output.print(json: [
        "database": .string(database), "dumps": .array(verified.map { $0.json(isRead: true) }),
        "exit_code": .int(Int(code.rawValue)),
      ])
      return code
    }
    console.print("Dumps of \(database)")
    DumpPrinter(console: console, isJSON: false).show(verified)
    console.print(
      isWrong
        ? "Not all dumps are good"
        : "✅ \(counted(verified.count, "dump")): every byte is as it was written")
    return code
  }

  /// Removes old dumps, but never the last good dump.
  func prune(_ arguments: ParsedArguments<BackupsPruneOptions>) throws -> ExitCode {
    let retention = try DumpRetention(
      dumps, rules: .init(olderThanDays: arguments.olderThan, keep: arguments.keep))
    let plan = try retention.plan(scope)
    if !arguments.output.json { show(plan) }
    let code = command.decide(counted(plan.goes.count, "dump"), plan.goes.isEmpty, arguments)
    if code == nil {
      for dump in plan.goes { try retention.remove(dump) }
    }
    if arguments.output.json {
      console.output.print(json: [
        "database": .string(database), "removed": .bool(code == nil),
        "goes": .array(plan.goes.map { .string($0.path) }),
        "spared": .array(
          plan.spared.map { ["path": .string($0.dump.path), "reason": .string($0.reason)] }),
        "exit_code": .int(Int((code ?? .done).rawValue)),
      ])
    } else if code == nil {
      console.print("✅ Removed \(counted(plan.goes.count, "dump"))")
    }
    return code ?? .done
  }

  private func show(_ plan: DumpRetention.Plan) {
    console.print("Dumps of \(database)")
    for dump in plan.goes { console.print("To remove: \(dump.path) (\(byteSize(dump.size)))") }
    for spared in plan.spared { console.print("Stays: \(spared.dump.path): \(spared.reason)") }
    if plan.goes.isEmpty { console.print("These rules allow no dump to be removed") }
  }
}

extension ParsedArguments where Parameters == DumpScopeOptions {
  /// True where an option asks for dumps instead of copies of files.
  var isGiven: Bool { self.dumps || self.of != nil }
}
