internal import Clock
internal import Messages
internal import Backups
internal import Ledger
internal import JSON
internal import Stores

/// Prints dumps of databases, as a table or as JSON.
struct DumpPrinter {
  let console: Console
  let isJSON: Bool

  /// Lists the dumps of one database and the dumps without a manifest; prints only the number of
  /// other dumps and files.
  func list(of scope: DatabaseDumps.Scope, named database: String, in dumps: DatabaseDumps) throws {
    let own = try dumps.dumps(of: scope)
    let all = try dumps.all()
    let names = Set(own.map(\.name))
    let unknown = all.filter { $0.manifest == nil && !names.contains($0.name) }
    let others = all.filter { $0.manifest != nil && !names.contains($0.name) }
    let otherFiles = try dumps.otherFiles()
    if isJSON {
      return console.output.print(json: [
        "database": .string(database),
        "dumps": .array(own.filter { $0.state != .unfinished }.map { $0.json(isRead: false) }),
        "unfinished": .array(
          own.filter { $0.state == .unfinished }.map { $0.json(isRead: false) }),
        "unknown": .array(unknown.map { $0.json(isRead: false) }),
        "other_databases": .int(others.count),
        "other_files": .int(otherFiles),
      ])
    }
    console.print("Dumps of \(database)")
    show(own)
    if own.isEmpty { console.print("There are no dumps.") }
    if own.contains(where: { $0.state == .good }) {
      console.print(Self.unread("backups verify --dumps"))
    }
    if !unknown.isEmpty {
      console.print("Dumps of an unknown database, which are never removed:")
      show(unknown)
    }
    let keys = Set(others.compactMap(\.manifest?.identity.description)).sorted()
    if !keys.isEmpty {
      console.print(
        "\(counted(others.count, "dump")) of other databases: \(keys.joined(separator: ", "))")
    }
    if otherFiles > 0 {
      console.print(
        "\(counted(otherFiles, "file")) that VectorFerry did not write; they are never changed")
    }
  }

  /// Creates the line below a list which says that only names and sizes were compared.
  static func unread(_ command: String) -> Message {
    "Names and sizes were compared; vector-ferry \(command) reads every byte"
  }

  /// Prints one line for each dump.
  func show(_ dumps: [StoredDump]) {
    for dump in dumps {
      var line: Message = "\(dump.path)  \(byteSize(dump.size))"
      switch dump.state {
      case .good:
        let contents = dump.manifest?.contents
        line = line + ", \(counted(contents?.tables.count ?? 0, "table"))"
        line = line + ", \(counted(contents?.rows ?? 0, "row"))"
      case .unfinished: line = line + ", unfinished: not a dump"
      case .unknown: line = line + ", made by an earlier version"
      case .bad: line = line + ", " + Message("bad", .red) + ": \(dump.problem ?? "")"
      }
      console.print(line)
    }
  }
}

extension StoredDump {
  /// Returns the dump as JSON; only a dump that was read completely counts as good.
  func json(isRead: Bool) -> JSONValue {
    [
      "path": .string(path), "bytes": .int(size), "finished": .int(finished),
      "state": .string(state == .good && !isRead ? "complete" : state.rawValue),
      "problem": JSONValue(problem),
      "made_at": JSONValue(manifest?.madeAt.description),
      "database": manifest?.identity.json ?? .null,
      "server_version": JSONValue(manifest?.traits.serverVersion),
      "rows": JSONValue(manifest?.contents.rows),
      "tables": manifest.map { .array($0.contents.tables.map(\.json)) } ?? .null,
    ]
  }
}
