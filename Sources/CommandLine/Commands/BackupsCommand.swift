internal import Arguments
internal import Clock
internal import Machine
internal import Messages
internal import Backups
internal import Ledger
internal import JSON
internal import Stores

/// The commands `backups list|verify|restore|prune`, for the backups of runs and for dumps.
struct BackupsCommand {
  let console: Console
  let environment: [String: String]

  /// Lists the backups; a bad backup gives exit code 1.
  func list(_ arguments: ParsedArguments<BackupsListOptions>) -> ExitCode {
    attempt(asJSON: arguments.output.json) {
      if arguments.scope.isGiven {
        return try dumps(arguments.scope, arguments.backup).list(arguments)
      }
      let directory = arguments.backup.directory
      let backups = try BackupCatalogue(directory: directory).backups()
      show(backups, in: directory, areRead: false, asJSON: arguments.output.json)
      if !arguments.output.json { try showDumpCount(in: directory) }
      return backups.contains { $0.state == .bad } ? .someStoresFailed : .done
    }
  }

  /// Reads every byte of the backups and compares the bytes with the manifests; a difference gives
  /// exit code 4.
  func verify(_ arguments: ParsedArguments<BackupsVerifyOptions>) -> ExitCode {
    attempt(asJSON: arguments.output.json) {
      if arguments.scope.isGiven {
        return try dumps(arguments.scope, arguments.backup).verify(arguments)
      }
      let directory = arguments.backup.directory
      let catalogue = BackupCatalogue(directory: directory)
      let isChosen = !arguments.backups.isEmpty
      let chosen =
        isChosen
        ? try arguments.backups.map { try catalogue.backup(named: $0) } : try catalogue.backups()
      guard !chosen.isEmpty else {
        throw Failure(
          .preflight, "there are no backups in \(directory), so nothing was verified",
          remedy: "name the directory of backups with --backup-dir")
      }
      let verified = try chosen.map { try catalogue.verified($0, step: Self.checkInterruption) }
      show(verified, in: directory, areRead: true, asJSON: arguments.output.json)
      let isWrong = verified.contains {
        $0.state == .bad || (isChosen && $0.state == .unfinished)
      }
      // An unfinished backup protects nothing: where there is no other backup, no store is safe.
      let hasGoodBackup = verified.contains { $0.state == .good }
      return isWrong || !hasGoodBackup ? .differenceFound : .done
    }
  }

  /// Restores stores of one backup into a folder that the operator names.
  func restore(_ arguments: ParsedArguments<BackupsRestoreOptions>) -> ExitCode {
    if let fault = arguments.fault {
      let error = UsageError(path: ["backups", "restore"], fault: fault)
      return console.report(error, of: Program.vectorFerry(version: ProgramVersion.current))
    }
    if arguments.dump != nil {
      return DumpRestoreCommand(arguments: arguments, console: console, environment: environment)
        .run()
    }
    return attempt(asJSON: arguments.output.json) {
      guard let target = arguments.target else {
        throw Failure(
          .preflight, "no folder to restore the stores into is given",
          remedy: "name a folder with --to")
      }
      let backup = try BackupCatalogue(directory: arguments.backup.directory)
        .backup(named: arguments.chosen[0])
      let restored = try BackupRestoration(
        of: backup, to: target, selection: try arguments.selection.resolved()
      ).run(step: Self.checkInterruption)
      if arguments.output.json {
        console.output.print(json: [
          "backup": .string(backup.folder), "target": .string(target),
          "stores": .array(restored.map(\.json)), "exit_code": 0,
        ])
        return .done
      }
      for store in restored {
        console.print("\(store.name): \(byteSize(store.bytes)) in \(store.path)")
      }
      console.print(
        "✅ Restored \(counted(restored.count, "store")) of \(backup.folder) to \(target)")
      return .done
    }
  }

  /// Removes old backups, but never the only good copy of a store.
  func prune(_ arguments: ParsedArguments<BackupsPruneOptions>) -> ExitCode {
    attempt(asJSON: arguments.output.json) {
      if arguments.scope.isGiven {
        return try dumps(arguments.scope, arguments.backup).prune(arguments)
      }
      let catalogue = BackupCatalogue(directory: arguments.backup.directory)
      let pruning = try BackupPruning(
        catalogue, rules: .init(olderThanDays: arguments.olderThan, keep: arguments.keep))
      let plan = try pruning.plan(step: Self.checkInterruption)
      if !arguments.output.json { show(plan) }
      let code = decide(counted(plan.goes.count, "backup"), plan.goes.isEmpty, arguments)
      if code == nil {
        for backup in plan.goes {
          try Self.checkInterruption()
          try pruning.remove(backup)
        }
      }
      if arguments.output.json {
        console.output.print(json: plan.json(isDone: code == nil, exitCode: code ?? .done))
      } else if code == nil {
        console.print("✅ Removed \(counted(plan.goes.count, "backup"))")
      }
      return code ?? .done
    }
  }

  /// Asks the operator whether the plan is executed, unless the options or an empty plan decide.
  ///
  /// Returns nil where the plan is to be executed, and otherwise the exit code of the command.
  func decide(
    _ what: String, _ isEmpty: Bool, _ arguments: ParsedArguments<BackupsPruneOptions>
  ) -> ExitCode? {
    if arguments.dryRun || isEmpty { return .done }
    if arguments.yes { return nil }
    let question: Message = "Remove \(what) permanently?"
    switch arguments.output.json ? Answer.nobody : console.confirm(question) {
    case .yes: return nil
    case .no: console.diagnostics.note("Nothing was done.")
    case .nobody:
      console.diagnostics.fail("there is no terminal to ask for confirmation; nothing was removed")
      console.diagnostics.note("  Remedy: check the list, then run again with --yes")
    }
    return .preflightFailed
  }

  private func show(_ plan: BackupPruning.Plan) {
    for backup in plan.goes {
      console.print(
        "To remove: \(backup.folder) (\(backup.state.rawValue), \(byteSize(backup.size)))")
    }
    for spared in plan.spared { console.print("Stays: \(spared.backup.folder): \(spared.reason)") }
    if plan.goes.isEmpty { console.print("These rules allow no backup to be removed") }
  }

  private func show(
    _ backups: [StoredBackup], in directory: String, areRead: Bool, asJSON: Bool
  ) {
    if asJSON {
      return console.output.print(json: [
        "backup_directory": .string(directory),
        "backups": .array(backups.map { $0.json(isRead: areRead) }),
      ])
    }
    guard !backups.isEmpty else { return console.print("There are no backups in \(directory)") }
    var table = Table([
      .left("BACKUP"), .left("RUN"), .left("BEGAN"), .right("STORES"), .right("SIZE"),
      .left("STATE"),
    ])
    for backup in backups {
      table.append([
        "\(backup.folder)",
        "\(backup.manifest.map { String($0.run.description.prefix(8)) } ?? "")",
        "\(backup.manifest?.startedAt.description ?? "")",
        "\(backup.manifest.map { grouped($0.stores.count) } ?? "")",
        "\(backup.manifest == nil ? "" : byteSize(backup.size))",
        Message(backup.word(isRead: areRead), backup.state == .good ? .green : .red),
      ])
    }
    console.print(table)
    if !areRead { console.print(DumpPrinter.unread("backups verify")) }
    for backup in backups {
      for problem in backup.problems.prefix(20) { console.diagnostics.warn("\(problem)") }
    }
  }

  private func attempt(asJSON: Bool, _ body: () throws -> ExitCode) -> ExitCode {
    do {
      return try body()
    } catch {
      return console.report(failure: error, asJSON: asJSON)
    }
  }

  private func dumps(
    _ scope: ParsedArguments<DumpScopeOptions>, _ backup: ParsedArguments<BackupDirectoryOption>
  ) throws -> DumpsCommand {
    try DumpsCommand(
      scope: scope, directory: backup.directory, command: self, environment: environment)
  }

  /// Prints the number of dumps in the directory of backups, and the command that lists the dumps.
  private func showDumpCount(in directory: String) throws {
    let dumps = try DatabaseDumps(backupDirectory: directory).all()
    guard !dumps.isEmpty else { return }
    let databases = Set(dumps.compactMap(\.manifest?.identity.key)).count
    console.print(
      """
      There are also \(counted(dumps.count, "dump")) of \(counted(databases, "database")): \
      backups list --dumps shows them, or --of DATABASE those of another database
      """)
  }

  private static func checkInterruption() throws {
    if Interruption.isRequested { throw Failure(.interrupted, "interrupted") }
  }
}

extension StoredBackup {
  /// The state of the backup in one word; only a backup that was read completely can be good.
  fileprivate func word(isRead: Bool) -> String {
    state == .good && !isRead ? "complete" : state.rawValue
  }

  fileprivate func json(isRead: Bool) -> JSONValue {
    [
      "folder": .string(folder), "path": .string(path), "state": .string(word(isRead: isRead)),
      "run": JSONValue(manifest?.run.description),
      "started_at": JSONValue(manifest?.startedAt.description),
      "stores": .array((manifest?.stores ?? []).map(\.json)), "bytes": .int(size),
      "problems": .array(problems.map(JSONValue.string)),
    ]
  }
}

extension BackupManifest.Store {
  fileprivate var json: JSONValue {
    [
      "user": .string(name.user), "collection": .string(name.collection),
      "source": .string(source), "bytes": .int(size),
    ]
  }
}

extension BackupRestoration.Restored {
  fileprivate var json: JSONValue {
    [
      "name": .string(name), "path": .string(path), "files": .int(files), "bytes": .int(bytes),
    ]
  }
}

extension BackupPruning.Plan {
  fileprivate func json(isDone: Bool, exitCode: ExitCode) -> JSONValue {
    [
      "removed": .bool(isDone), "goes": .array(goes.map { .string($0.folder) }),
      "spared": .array(
        spared.map { ["folder": .string($0.backup.folder), "reason": .string($0.reason)] }),
      "exit_code": .int(Int(exitCode.rawValue)),
    ]
  }
}
