/// The action that a command line asks for.
package enum Request<Invocation: Sendable>: Sendable {
  /// Run a command.
  case run(Invocation)
  /// Print help for the command at this path; the path is empty for the program itself.
  case help(path: [String])
  /// Print the version.
  case version
  /// Print the version, and those of the libraries that the program uses.
  case versions
}

extension Request: Equatable where Invocation: Equatable {}

extension Program {
  /// Parses the words after the program's name.
  package func parse(_ words: [String]) throws(UsageError) -> Request<Invocation> {
    // A command runs only where it is named: a lost word must never cause something to be written.
    guard let first = words.first else { return .help(path: []) }
    if let standard = StandardOption(word: first) {
      let isVerbose = words.dropFirst().contains { ["-v", "--verbose"].contains($0) }
      return standard == .version && isVerbose ? .versions : standard.request(path: [])
    }
    if looksLikeOption(first) {
      if asksForHelp(words[...]) { return .help(path: []) }
      throw UsageError(path: [], fault: optionBeforeCommand(first))
    }
    guard let command = commands.first(where: { $0.declaration.name == first }) else {
      throw unknownCommand(first, below: [], among: commands.map(\.declaration.name))
    }
    return try route(words.dropFirst(), from: command)
  }

  /// Finds the declaration of the command at a path; returns nil where there is none.
  package func declaration(at path: [String]) -> CommandDeclaration? {
    var level = commands
    var found: CommandDeclaration?
    for word in path {
      guard let next = level.first(where: { $0.declaration.name == word }) else { return nil }
      found = next.declaration
      level = next.subcommands
    }
    return found
  }

  /// Every command and subcommand, in the order in which the help lists them.
  var allCommands: [Command<Invocation>] { commands.flatMap { [$0] + $0.subcommands } }

  /// Finds the command that runs, below `command`, and parses the words that follow it.
  private func route(
    _ words: ArraySlice<String>, from command: Command<Invocation>
  ) throws(UsageError) -> Request<Invocation> {
    if command.makeRequest != nil { return try parse(words, with: command) }
    let path = command.declaration.path
    let names = command.subcommands.map(\.declaration.name)
    guard let word = words.first else {
      throw UsageError(path: path, fault: .missingCommand(commands: names))
    }
    if let standard = StandardOption(word: word) { return standard.request(path: path) }
    if looksLikeOption(word) {
      let flags = StandardOption.allCases.map(\.flag)
      throw UsageError(
        path: path, fault: .unknownOption(word: flagName(word), flags: flags, owners: owners(word)))
    }
    guard let next = command.subcommands.first(where: { $0.declaration.name == word }) else {
      throw unknownCommand(word, below: path, among: names)
    }
    return try route(words.dropFirst(), from: next)
  }

  private func parse(
    _ words: ArraySlice<String>, with command: Command<Invocation>
  ) throws(UsageError) -> Request<Invocation> {
    let declaration = command.declaration
    // A request for help is granted, whatever else is wrong with the command line.
    if !declaration.declarations.passesThrough, asksForHelp(words) {
      return .help(path: declaration.path)
    }
    let request: Request<Invocation>
    do throws(UsageFault) {
      request = try makeRequest(of: words, with: command)
    } catch {
      throw UsageError(path: declaration.path, fault: error)
    }
    return try checked(request)
  }

  /// Creates the request of a command in two phases: assigns the words, then reads their values.
  private func makeRequest(
    of words: ArraySlice<String>, with command: Command<Invocation>
  ) throws(UsageFault) -> Request<Invocation> {
    let declarations = command.declaration.declarations
    var reader = ArgumentReader(
      declarations, program: name, commands: commands.map(\.declaration.name), owners: owners)
    let raw = try reader.read(words)
    if let standard = raw.standard { return standard.request(path: command.declaration.path) }
    let values = try declarations.values(of: raw)
    guard let request = command.makeRequest?(values) else {
      // `route` comes here only with a command that has a request.
      preconditionFailure("a command that has no subcommands must have a request")
    }
    return request
  }

  /// Returns the request, but refuses help for a command that does not exist.
  private func checked(_ request: Request<Invocation>) throws(UsageError) -> Request<Invocation> {
    guard case .help(let path) = request else { return request }
    for depth in path.indices where declaration(at: Array(path[...depth])) == nil {
      let parent = declaration(at: Array(path[..<depth]))
      let siblings = parent?.subcommands.map(\.name) ?? commands.map(\.declaration.name)
      throw unknownCommand(path[depth], below: parent?.path ?? [], among: siblings)
    }
    return request
  }

  private func asksForHelp(_ words: ArraySlice<String>) -> Bool {
    words.prefix { $0 != "--" }.contains { StandardOption(word: $0) == .help }
  }

  private func unknownCommand(
    _ word: String, below path: [String], among names: [String]
  ) -> UsageError {
    // The word is known, but was used in the wrong place: `vector-ferry dry-run`, `vector-ferry
    // psql`.
    let options = owners("--\(word)").prefix(3).map { "\($0) --\(word)" }
    let lines = allCommands.map(\.declaration).filter { $0.name == word }.map(\.line)
    return UsageError(
      path: path,
      fault: .unknownCommand(
        word: word, commands: names, elsewhere: path.isEmpty ? options + lines : []))
  }

  /// Creates the fault of a command line that begins with an option instead of a command.
  private func optionBeforeCommand(_ word: String) -> UsageFault {
    let owners = owners(word)
    guard owners.isEmpty else { return .optionBeforeCommand(flag: flagName(word), owners: owners) }
    let flags = Set(allCommands.flatMap(\.declaration.declarations.flags))
    return .unknownOption(word: flagName(word), flags: flags.sorted(), owners: [])
  }

  /// Finds the commands that have the option that `word` names.
  private func owners(_ word: String) -> [String] {
    let flag = flagName(word)
    return allCommands.map(\.declaration)
      .filter { $0.declarations.options.contains { $0.spellings.contains(flag) } }
      .map(\.line)
  }
}

/// Returns the flag without its value, which may be a secret: `--user` for `--user=alice`.
private func flagName(_ word: String) -> String {
  word.firstIndex(of: "=").map { String(word[..<$0]) } ?? word
}

extension StandardOption {
  /// Creates the request for the standard option, which stands after the command at `path`.
  fileprivate func request<Invocation>(path: [String]) -> Request<Invocation> {
    self == .help ? .help(path: path) : .version
  }
}
