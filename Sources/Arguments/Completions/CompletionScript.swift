/// A completion script for a shell, made from the declarations of commands, as help and errors are.
///
/// Each shell has its own renderer in an extension; the scripts need nothing but the shell itself.
package struct CompletionScript: Sendable {
  /// The name of the program that is completed.
  let program: String
  /// The commands, in the order of help.
  let commands: [CommandDeclaration]

  /// Creates the completions of a program.
  package init<Invocation>(of program: Program<Invocation>) {
    self.program = program.name
    commands = program.commands.map(\.declaration)
  }

  /// Renders the script for a shell.
  package func text(for shell: Shell) -> String {
    switch shell {
    case .bash: bash
    case .zsh: zsh
    case .fish: fish
    }
  }

  /// The name of the shell function: `_vector_ferry`.
  var function: String { "_" + program.map { $0 == "-" ? "_" : String($0) }.joined() }

  /// The options that may stand before a command: help and version.
  var standardSpellings: [String] {
    StandardOption.allCases.flatMap { [$0.flag, "-\($0.short)"] }
  }

  /// Every command and subcommand.
  var allCommands: [CommandDeclaration] { commands.flatMap { [$0] + $0.subcommands } }

  /// Every option of any command, each name once.
  var allOptions: [OptionDeclaration] {
    allCommands.flatMap(\.declarations.options).reduce(into: []) { found, option in
      if !found.contains(where: { $0.name == option.name }) { found.append(option) }
    }
  }

  /// The paths of two words, in which the second word decides what may follow: `server start`,
  /// `help server`.
  var pathsOfTwo: [String] {
    let groups = commands.filter { !$0.subcommands.isEmpty }
    return groups.flatMap { $0.subcommands.map(\.line) } + groups.map { "help \($0.name)" }
  }

  /// The words that may follow a command, with their meanings.
  ///
  /// For `help` these are the commands themselves.
  func words(after command: CommandDeclaration) -> [(word: String, meaning: String)] {
    if command.path == ["help"] { return commands.map { ($0.name, $0.summary) } }
    if !command.subcommands.isEmpty { return command.subcommands.map { ($0.name, $0.summary) } }
    let choices = command.declarations.positionals.flatMap { positional in
      if case .choices(let words) = positional.completion { words } else { [String]() }
    }
    return choices.map { ($0, "") }
  }
}

extension OptionDeclaration {
  /// The spellings of the option: `--quiet`, and `-q` where it has a short name.
  var spellings: [String] { [flag] + (short.map { ["-\($0)"] } ?? []) }
}

extension CommandDeclaration {
  /// Every spelling of every option, including the standard options.
  var spellings: [String] {
    if declarations.passesThrough { return [] }
    return declarations.options.flatMap(\.spellings)
      + StandardOption.allCases.flatMap { [$0.flag, "-\($0.short)"] }
  }
}

/// Puts a word in single quotes as bash and zsh read them.
func shellQuoted(_ text: String) -> String {
  var quoted = "'"
  for character in text { quoted += character == "'" ? "'\\''" : String(character) }
  return quoted + "'"
}

/// A shell that completions can be written for.
package enum Shell: String, Choice {
  /// The shell GNU bash.
  case bash
  /// The shell zsh.
  case zsh
  /// The shell fish.
  case fish
}
