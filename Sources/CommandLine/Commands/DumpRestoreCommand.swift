internal import Arguments
internal import Clock
internal import Messages
internal import Backups
internal import Ledger
internal import JSON
internal import Postgres
internal import Stores

/// The command `backups restore --dump NAME --into DATABASE`, which restores a dump or a part of
/// it.
struct DumpRestoreCommand {
  let arguments: ParsedArguments<BackupsRestoreOptions>
  let console: Console
  let environment: [String: String]

  /// Shows the plan, asks the operator where something is replaced, and restores.
  func run() -> ExitCode {
    do {
      let dumps = DatabaseDumps(
        backupDirectory: arguments.backup.directory, environment: environment,
        isInterrupted: { Interruption.isRequested })
      let dump = try dumps.dump(named: arguments.dump ?? "")
      let target = try target()
      guard let part = try part() else { return try restore(dump, in: dumps, into: target) }
      return try restore(part, of: dump, in: dumps, into: target)
    } catch {
      return console.report(failure: error, asJSON: arguments.output.json)
    }
  }

  // MARK: The whole dump

  private func restore(_ dump: StoredDump, in dumps: DatabaseDumps, into target: RestoreTarget)
    throws -> ExitCode
  {
    let restoration = DumpRestoration(
      of: dump, in: dumps, into: target, replaces: arguments.replace)
    let plan = try restoration.plan()
    say(plan.manifest, at: plan.dump)
    say("Into: \(plan.database): \(plan.state.description)")
    if !plan.missingRoles.isEmpty {
      console.diagnostics.warn(
        """
        owners and rights are not restored: the roles \
        \(plan.missingRoles.joined(separator: ", ")) do not exist on this server, or this role is \
        not a member of them
        """)
    }
    for lost in plan.lost {
      console.diagnostics.warn(
        """
        the new database will not have the \(lost.property): \(lost.reason); a role that has the \
        right can set it afterwards, as it is in the old database
        """)
    }
    for left in plan.leftovers {
      console.diagnostics.note("A restore that was killed has left the database \(left): drop it")
    }
    if arguments.dryRun { return dryRun(plan.json) }
    var first: StoredDump?
    if case .filled(let filling) = plan.state {
      let question: Message = "Replace \(plan.database), which holds \(filling.description)?"
      guard try mayReplace(question) else { return .preflightFailed }
      first = try dumpFirst(restoration.dumpFirst)
    }
    let outcome = try restoration.run(plan)
    if arguments.output.json {
      var json = plan.json
      json["dumped_first"] = JSONValue(first?.path)
      json["tables"] = .int(outcome.tables)
      json["rows"] = .int(outcome.rows)
      json["former"] = JSONValue(outcome.former)
      json["exit_code"] = 0
      console.output.print(json: .object(json))
      return .done
    }
    console.print(
      """
      ✅ Restored \(counted(outcome.tables, "table")) with \(counted(outcome.rows, "row")) into \
      \(plan.database): equal to what was dumped
      """)
    if let former = outcome.former {
      console.print(
        """
        The old contents are in the database \(former) now. When it is no longer needed: \
        DROP DATABASE \(Identifier(former).quoted)
        """)
    }
    return .done
  }

  // MARK: A part of the dump

  private func part() throws -> PartialRestoration.Part? {
    let users = try arguments.selection.allUsers()
    let collections = arguments.selection.collections
    guard arguments.selection.excluded.isEmpty else {
      throw Failure(
        .preflight, "--exclude chooses among copies of files, not among the rows of a dump",
        remedy: "name the users to restore with --user; names are exact here, without patterns")
    }
    if arguments.table == nil, users.isEmpty, collections.isEmpty { return nil }
    return PartialRestoration.Part(
      table: try QualifiedName(argument: arguments.table ?? "vector_documents"), users: users,
      collections: collections)
  }

  private func restore(
    _ part: PartialRestoration.Part, of dump: StoredDump, in dumps: DatabaseDumps,
    into target: RestoreTarget
  ) throws -> ExitCode {
    let restoration = PartialRestoration(
      of: part, of: dump, in: dumps, into: target, replaces: arguments.replace)
    let plan = try restoration.plan()
    say(plan.manifest, at: plan.dump)
    say("Into: \(plan.database): \(plan.part.description)")
    if plan.makesTable {
      say(
        "The table will be created and will belong to this role; grants on the table are not "
          + "restored"
      )
    }
    if plan.replacedRows > 0 {
      say("\(counted(plan.replacedRows, "row")) in the target will be replaced")
    }
    if arguments.dryRun { return dryRun(plan.json) }
    var first: StoredDump?
    if plan.replacedRows > 0 {
      let question: Message =
        "Replace \(plan.part.description) (\(counted(plan.replacedRows, "row")))?"
      guard try mayReplace(question) else { return .preflightFailed }
      first = try dumpFirst(restoration.dumpFirst)
    }
    let outcome = try restoration.run(plan)
    if arguments.output.json {
      var json = plan.json
      json["dumped_first"] = JSONValue(first?.path)
      json["rows"] = .int(outcome.rows)
      json["stores"] = .int(outcome.stores)
      json["exit_code"] = 0
      console.output.print(json: .object(json))
      return .done
    }
    console.print(
      """
      ✅ Restored \(plan.part.description) into \(plan.database): \
      \(counted(outcome.rows, "row")), equal to what was dumped, with the ledger's entries of \
      \(counted(outcome.stores, "store"))
      """)
    return .done
  }

  // MARK: What both need

  /// Resolves the database to restore into.
  private func target() throws -> RestoreTarget {
    let into = arguments.into ?? ""
    if into.contains("://") {
      let target = try ConnectionTarget(source: "--into", url: into)
      guard let name = target.database, !name.isEmpty else {
        throw Failure(
          .preflight, "the URL given to --into names no database",
          remedy: "write the database's name after the host")
      }
      return try RestoreTarget(name: name, like: open(target))
    }
    guard !into.isEmpty, into.utf8.count <= 63 else {
      throw Failure(
        .preflight, "--into \(into) is not a valid database name",
        remedy: "a name has 1 to 63 bytes")
    }
    switch try DatabaseChoice.find(option: arguments.databaseURL, environment: environment) {
    case .configured(let target): return try RestoreTarget(name: into, like: open(target))
    case .embedded(let server):
      let choice = DatabaseChoice.embedded(server)
      return try RestoreTarget(
        name: into, like: choice.connectToExisting { console.diagnostics.note("\($0)") })
    }
  }

  /// Opens a session with the server, even where the database itself does not exist.
  private func open(_ target: ConnectionTarget) throws -> Connection {
    do {
      return try DatabaseChoice.configured(target)
        .connectToExisting { console.diagnostics.note("\($0)") }
    } catch PostgresError.unreachable(_, _, "3D000") {
      do {
        return try DatabaseChoice.configured(target.naming(database: "postgres"))
          .connectToExisting { _ in }
      } catch PostgresError.unreachable(_, _, "3D000") {
        return try DatabaseChoice.configured(target.naming(database: "template1"))
          .connectToExisting { _ in }
      }
    }
  }

  private func dumpFirst(_ make: () throws(Failure) -> StoredDump) throws -> StoredDump {
    let dump = try make()
    say("Dumped the present contents to \(dump.path)")
    return dump
  }

  /// Asks the operator unless `--yes` is given; refuses where nobody can answer.
  private func mayReplace(_ question: Message) throws -> Bool {
    if arguments.yes { return true }
    switch arguments.output.json ? Answer.nobody : console.confirm(question) {
    case .yes: return true
    case .no:
      console.diagnostics.note("Nothing was done.")
      return false
    case .nobody:
      throw Failure(
        .preflight, "there is no terminal to ask for confirmation; nothing was replaced",
        remedy: "check with --dry-run, then run again with --yes")
    }
  }

  private func dryRun(_ json: JSONObject) -> ExitCode {
    if arguments.output.json {
      var json = json
      json["dry_run"] = true
      json["exit_code"] = 0
      console.output.print(json: .object(json))
    } else {
      console.print("Nothing was done (--dry-run)")
    }
    return .done
  }

  private func say(_ manifest: DumpManifest, at dump: StoredDump) {
    say(
      """
      Dump: \(dump.path), made \(manifest.madeAt.description) of \(manifest.identity.description): \
      \(counted(manifest.contents.tables.count, "table")), \
      \(counted(manifest.contents.rows, "row")), \(byteSize(dump.size))
      """)
  }

  private func say(_ message: Message) {
    if !arguments.output.json { console.print(message) }
  }
}

extension RestoreTarget.State {
  fileprivate var description: String {
    switch self {
    case .absent: "the database will be created"
    case .empty: "the database exists and is empty"
    case .filled(let filling):
      "the database holds \(filling.description); all these objects will be replaced"
    }
  }

  fileprivate var word: String {
    switch self {
    case .absent: "absent"
    case .empty: "empty"
    case .filled: "filled"
    }
  }
}

extension DumpRestoration.Plan {
  fileprivate var json: JSONObject {
    [
      "dump": .string(dump.path), "of": manifest.identity.json, "into": .string(database),
      "state": .string(state.word), "part": .null,
      "missing_roles": .array(missingRoles.map(JSONValue.string)),
      "lost": .array(
        lost.map { ["property": .string($0.property), "reason": .string($0.reason)] }),
      "dry_run": false,
    ]
  }
}

extension PartialRestoration.Plan {
  fileprivate var json: JSONObject {
    [
      "dump": .string(dump.path), "of": manifest.identity.json, "into": .string(database),
      "part": [
        "table": .string(part.table.description),
        "users": .array(part.users.map(JSONValue.string)),
        "collections": .array(part.collections.map(JSONValue.string)),
      ],
      "makes_table": .bool(makesTable), "replaced_rows": .int(replacedRows), "dry_run": false,
    ]
  }
}

extension ParsedArguments where Parameters == BackupsRestoreOptions {
  /// The error in options that contradict each other; nil where all options fit.
  var fault: UsageFault? {
    if self.dump != nil {
      if let word = self.chosen.first { return .surplus(word: word, program: nil) }
      if self.target != nil { return .incompatible(flag: "--to", with: "--dump") }
      return self.into == nil ? .dependent(flag: "--dump", on: "--into") : nil
    }
    let given = [
      ("--into", self.into != nil), ("--replace", self.replace), ("--table", self.table != nil),
      ("--dry-run", self.dryRun), ("--yes", self.yes),
    ]
    if let flag = given.first(where: { $0.1 })?.0 { return .dependent(flag: flag, on: "--dump") }
    guard self.chosen.count > 1 else {
      return self.chosen.isEmpty ? .missingPositional(placeholder: "BACKUP", choices: []) : nil
    }
    return .surplus(word: self.chosen[1], program: nil)
  }
}
