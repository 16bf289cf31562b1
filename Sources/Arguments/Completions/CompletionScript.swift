/// A completion script for a shell, made from the declarations of the program's commands.
///
/// Each shell has its own renderer in an extension; the scripts need nothing but the shell itself.
package struct CompletionScript: Sendable {
  /// The name of the program whose command line is completed.
  let program: String
  /// The commands, in the order in which the help lists them.
  let commands: [CommandDeclaration]

  /// Creates the completion script of a program.
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

  /// The name of the shell function that completes: `_vector_ferry`.
  var function: String { "_" + program.map { $0 == "-" ? "_" : String($0) }.joined() }

  /// The options that may stand before a command: help and version.
  var standardSpellings: [String] {
    StandardOption.allCases.flatMap { [$0.flag, "-\($0.short)"] }
  }

  /// Every command and subcommand.
  var allCommands: [CommandDeclaration] { commands.flatMap { [$0] + $0.subcommands } }

  /// The options of all commands; options with the same name appear once.
  var allOptions: [OptionDeclaration] {
    allCommands.flatMap(\.declarations.options).reduce(into: []) { found, option in
      if !found.contains(where: { $0.name == option.name }) { found.append(option) }
    }
  }

  /// The paths in which a second word decides which words may follow: `server start`, `help
  /// server`.
  var pathsOfTwo: [String] {
    let groups = commands.filter { !$0.subcommands.isEmpty }
    return groups.flatMap { $0.subcommands.map(\.line) } + groups.map { "help \($0.name)" }
  }

  /// Returns the words that may follow a command, each with its meaning.
  ///
  /// After `help`, these are the names of all commands.
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
  /// Every spelling of every option of the command, including the standard options.
  var spellings: [String] {
    if declarations.passesThrough { return [] }
    return declarations.options.flatMap(\.spellings)
      + StandardOption.allCases.flatMap { [$0.flag, "-\($0.short)"] }
  }
}

/// Puts a text in single quotes, in the form that bash and zsh read.
func shellQuoted(_ text: String) -> String {
  var quoted = "'"
  for character in text { quoted += character == "'" ? "'\\''" : String(character) }
  return quoted + "'"
}

/// A shell for which the program can write a completion script.
package enum Shell: String, Choice {
  /// The shell GNU bash.
  case bash
  /// The Z shell.
  case zsh
  /// The fish shell.
  case fish
}
