internal import Arguments
internal import Files
internal import Messages
internal import Ledger
internal import JSON
internal import Stores

/// The command `scan`, which lists the stores without reading their files completely.
struct ScanCommand {
  private let arguments: ParsedArguments<ScanOptions>
  private let console: Console

  init(_ arguments: ParsedArguments<ScanOptions>, console: Console) {
    self.arguments = arguments
    self.console = console
  }

  /// Prints the list; an incomplete, damaged or unreadable store gives exit code 1.
  func run() -> ExitCode {
    let root = arguments.source.userDataDirectory
    do {
      let place = try place()
      // Nothing is decrypted here, but a bad --user-id-map is refused now, not by a later command.
      _ = try arguments.source.keyRing(environment: [:])
      let stores = try StoreScanner(
        root: root, place: place, excluding: [arguments.backup.directory]
      ).stores()
      let selection = try arguments.selection.resolved()
      try selection.refuseUnmatched(
        among: Set(stores.map(\.name)), remedy: "list all stores with: vector-ferry scan")
      let selected = stores.filter { selection.includes($0.name) }
      let listed = selected.map { (store: $0, peek: StorePeek($0)) }
      if Interruption.isRequested { throw StoreError.interrupted }
      show(listed, root: root, place)
      let areSound = listed.allSatisfy { $0.store.state == .complete && $0.peek.problem == nil }
      return areSound ? .done : .someStoresFailed
    } catch let error as UsageError {
      return console.report(error, of: Program.vectorFerry(version: ProgramVersion.current))
    } catch {
      return console.report(failure: error, asJSON: arguments.output.json)
    }
  }

  /// Returns the place that PATH names; nil where it is not given.
  private func place() throws(UsageError) -> GivenPlace? {
    guard let path = arguments.path.first else {
      if arguments.format == nil { return nil }
      throw UsageError(path: ["scan"], fault: .dependent(flag: "--format", on: "PATH"))
    }
    guard arguments.path.count == 1 else {
      throw UsageError(path: ["scan"], fault: .surplus(word: arguments.path[1], program: nil))
    }
    // The user is not known before a migration names it.
    return GivenPlace(
      path: path, user: arguments.selection.users.first ?? "…", format: arguments.format)
  }

  private func show(
    _ listed: [(store: FoundStore, peek: StorePeek)], root: String, _ place: GivenPlace?
  ) {
    if arguments.output.json {
      console.output.print(json: [
        "user_data_directory": .string(root), "from": JSONValue(place?.path),
        "stores": .array(listed.map { $0.store.json(peek: $0.peek) }),
      ])
      return
    }
    var table = Table([
      .left("USER"), .left("COLLECTION"), .left("FORMAT"), .right("VECTORS"), .right("DIMENSIONS"),
      .left("METADATA"), .right("SIZE"), .left("STATE"),
    ])
    for (store, peek) in listed {
      table.append([
        "\(store.name.user)", "\(store.name.collection)", "\(store.format.name)",
        "\(peek.vectorCount.map { grouped($0) } ?? "…")",
        "\(peek.dimensions.map(String.init) ?? "…")",
        "\(peek.isEncrypted.map { $0 ? "encrypted" : "plain" } ?? "…")",
        "\(byteSize(Int(peek.size)))", store.stateMessage(peek),
      ])
    }
    console.print(table)
    console.print("\(counted(listed.count, "store")) in \(place?.path ?? root)")
  }
}

extension FoundStore {
  fileprivate func stateMessage(_ peek: StorePeek) -> Message {
    switch state {
    case .complete:
      peek.problem.map { Message("damaged: \($0)", .red) } ?? Message("complete", .green)
    case .incomplete(let missing):
      Message("incomplete: no \(missing.joined(separator: ", no "))", .red)
    case .unreadable(let reason): Message("unreadable: \(reason)", .red)
    }
  }

  /// The store as `scan --json` shows it.
  fileprivate func json(peek: StorePeek) -> JSONValue {
    let (state, reason): (String, String?) =
      switch self.state {
      case .complete: peek.problem.map { ("damaged", $0) } ?? ("complete", nil)
      case .incomplete: ("incomplete", refusal?.problem)
      case .unreadable(let reason): ("unreadable", reason)
      }
    return [
      "user": .string(name.user), "collection": .string(name.collection), "path": .string(path),
      "format": .string(format.name), "vectors": JSONValue(peek.vectorCount),
      "dimensions": JSONValue(peek.dimensions), "encrypted": JSONValue(peek.isEncrypted),
      "bytes": .int(Int(peek.size)), "state": .string(state), "reason": JSONValue(reason),
    ]
  }
}
