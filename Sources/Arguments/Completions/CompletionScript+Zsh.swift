extension CompletionScript {
  /// The completion script for zsh, to be placed in a directory of `fpath` or sourced after
  /// `compinit`.
  var zsh: String {
    """
    #compdef \(program)

    \(function)() {
      local -a commands=(
    \(described(commands.map { ($0.name, $0.summary) }, indent: 4))
      )
      if (( CURRENT == 2 )) && [[ $words[2] == -* ]]; then
        compadd -- \(standardSpellings.joined(separator: " "))
      elif (( CURRENT == 2 )); then
        _describe -t commands command commands
      else
        local name=$words[2]
        shift words
        (( CURRENT-- ))
        case $name in
    \(zshBranches(commands, indent: 6))
        esac
      fi
    }

    \(allCommands.compactMap(zshFunction).joined(separator: "\n\n"))

    if [[ $funcstack[1] == \(function) ]]; then
      \(function) "$@"
    else
      compdef \(function) \(program)
    fi

    """
  }

  private func zshFunction(_ command: CommandDeclaration) -> String? {
    let name = "\(function)_\(command.path.joined(separator: "_"))"
    if !command.subcommands.isEmpty { return zshGroup(command, name) }
    if command.declarations.passesThrough { return "\(name)() { _files }" }
    if command.path == ["help"] { return zshHelp(name) }
    var specifications = command.declarations.options.map(zshSpecification)
    specifications += StandardOption.allCases.map {
      shellQuoted("(-)\($0.flag)[\(zshEscaped($0.help))]")
    }
    let choices = words(after: command).map(\.word)
    if !choices.isEmpty {
      let placeholder = command.declarations.positionals.map(\.placeholder).joined()
      specifications.append(shellQuoted("1:\(placeholder):(\(choices.joined(separator: " ")))"))
    } else {
      // Without them, zsh would offer nothing after the first word that is no option.
      specifications += command.declarations.positionals.map { positional in
        let place = positional.arity == .list ? "*" : "1"
        return shellQuoted(
          "\(place):\(zshEscaped(positional.placeholder)):\(Self.action(of: positional.completion))"
        )
      }
    }
    let lines = specifications.map { "    \($0)" }.joined(separator: " \\\n")
    return "\(name)() {\n  _arguments -s -S \\\n\(lines)\n}"
  }

  private func zshGroup(_ command: CommandDeclaration, _ name: String) -> String {
    """
    \(name)() {
      local -a commands=(
    \(described(words(after: command), indent: 4))
      )
      if (( CURRENT == 2 )); then
        _describe -t commands command commands
      else
        local name=$words[2]
        shift words
        (( CURRENT-- ))
        case $name in
    \(zshBranches(command.subcommands, indent: 6))
        esac
      fi
    }
    """
  }

  /// Creates the shell function that completes the words after `help`: names of commands, no
  /// options.
  private func zshHelp(_ name: String) -> String {
    let branches = commands.filter { !$0.subcommands.isEmpty }.map { command in
      """
          \(command.name)) commands=(
      \(described(words(after: command), indent: 6))
          ) ;;
      """
    }
    return """
      \(name)() {
        local -a commands
        case $words[2] in
      \(branches.joined(separator: "\n"))
        esac
        if (( CURRENT == 2 )); then
          commands=(
      \(described(commands.map { ($0.name, $0.summary) }, indent: 6))
          )
        elif (( CURRENT > 3 )); then
          commands=()
        fi
        _describe -t commands command commands
      }
      """
  }

  private func zshBranches(_ commands: [CommandDeclaration], indent: Int) -> String {
    commands.map { command in
      let target = "\(function)_\(command.path.joined(separator: "_"))"
      return "\(String(repeating: " ", count: indent))\(command.name)) \(target) ;;"
    }.joined(separator: "\n")
  }

  private func described(_ words: [(word: String, meaning: String)], indent: Int) -> String {
    words.map { word, meaning in
      String(repeating: " ", count: indent) + shellQuoted("\(word):\(zshEscaped(meaning))")
    }.joined(separator: "\n")
  }

  /// Returns what zsh does to complete a word.
  private static func action(of hint: CompletionHint) -> String {
    switch hint {
    case .none: " "
    case .directory: "_files -/"
    case .file: "_files"
    case .choices(let words): "(\(words.joined(separator: " ")))"
    }
  }

  /// Creates the specification of an option for zsh's `_arguments`, as zshcompsys(1) describes it:
  /// `'*--user=[Only the stores of this user]:user: '`.
  private func zshSpecification(_ option: OptionDeclaration) -> String {
    let help = "[\(zshEscaped(option.help))]"
    let repeats = option.isRepeatable ? "*" : ""
    guard let value = option.value else {
      guard let short = option.short else { return shellQuoted("\(repeats)\(option.flag)\(help)") }
      return "'(-\(short) \(option.flag))'{-\(short),\(option.flag)}\(shellQuoted(help))"
    }
    let action = Self.action(of: value.completion)
    return shellQuoted("\(repeats)\(option.flag)=\(help):\(option.name):\(action)")
  }

  private func zshEscaped(_ text: String) -> String {
    text.map { #"\[]:"#.contains($0) ? "\\\($0)" : String($0) }.joined()
  }
}
