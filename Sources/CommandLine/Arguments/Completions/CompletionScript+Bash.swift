extension CompletionScript {
  /// The script for bash 4 and later, without the bash-completion package.
  var bash: String {
    """
    # bash completion for \(program)

    \(function)() {
      local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD - 1]}
      local prefix='' path='' skip='' word index
      COMPREPLY=()
    \(bashCursor)
    \(bashPath)
      [[ $path == \(shellQuoted(passThroughLine)) ]] && return
      case $prev in
    \(bashValues)
      esac
      case $path:$cur in
    \(bashWords)
      esac
    }

    \(function)_words() {
      mapfile -t COMPREPLY < <(compgen -P "$prefix" -W "$1" -- "$cur")
    }

    \(function)_paths() {
      compopt -o filenames 2>/dev/null
      mapfile -t COMPREPLY < <(compgen -P "$prefix" "$1" -- "$cur")
    }

    complete -F \(function) \(program)

    """
  }

  /// Finds the option whose value is at the cursor.
  private var bashCursor: String {
    """

      # --flag=value is three words, or one where = was taken out of COMP_WORDBREAKS.
      if [[ $cur == '=' ]]; then
        cur=''
      elif [[ $prev == '=' ]]; then
        prev=${COMP_WORDS[COMP_CWORD - 2]}
      elif [[ $cur == --*=* ]]; then
        prev=${cur%%=*}
        prefix=$prev=
        cur=${cur#*=}
      fi

    """
  }

  /// Finds the command, passing over the values of options.
  private var bashPath: String {
    """
      for ((index = 1; index < COMP_CWORD; index++)); do
        word=${COMP_WORDS[index]}
        if [[ $skip ]]; then
          [[ $word == '=' ]] || skip=''
          continue
        fi
        case $path:$word in
    \(bashPaths)
        esac
        case $word in
          \(flagsWithValue.joined(separator: " | "))) skip=1 ;;
        esac
      done

    """
  }

  /// The one command whose words belong to another program.
  private var passThroughLine: String {
    allCommands.first { $0.declarations.passesThrough }?.line ?? "-"
  }

  /// One branch for each word that leads to a command.
  private var bashPaths: String {
    var branches = [":-*) path=\(defaultCommand.name) ;;"]
    let leading = commands.map(\.name).joined(separator: " | :")
    branches.append(":\(leading)) path=$word ;;")
    for command in commands where !command.subcommands.isEmpty {
      let names = command.subcommands.map { "\(command.name):\($0.name)" }
      branches.append("\(names.joined(separator: " | "))) path=\"\(command.name) $word\" ;;")
      branches.append("help:\(command.name)) path='help \(command.name)' ;;")
    }
    return branches.map { "      \($0)" }.joined(separator: "\n")
  }

  /// One branch for each option that takes a value.
  private var bashValues: String {
    let branches = allOptions.compactMap { option -> String? in
      guard let value = option.value else { return nil }
      let action =
        switch value.completion {
        case .none: "return"
        case .directory: "\(function)_paths -d; return"
        case .file: "\(function)_paths -f; return"
        case .choices(let words):
          "\(function)_words \(shellQuoted(words.joined(separator: " "))); return"
        }
      return "    \(option.spellings.joined(separator: " | "))) \(action) ;;"
    }
    return branches.joined(separator: "\n")
  }

  /// One branch for the options of each command, one for what may follow it.
  private var bashWords: String {
    var branches: [String] = []
    func offer(_ pattern: String, _ words: [String]) {
      if words.isEmpty { return }
      let list = shellQuoted(words.joined(separator: " "))
      branches.append("    \(pattern)) \(function)_words \(list) ;;")
    }
    offer("'':-*", defaultCommand.spellings)
    offer("'':*", commands.map(\.name))
    for command in allCommands {
      offer("\(shellQuoted(command.line)):-*", command.spellings)
      offer("\(shellQuoted(command.line)):*", words(after: command).map(\.word))
      if !command.subcommands.isEmpty {
        offer(shellQuoted("help \(command.name)") + ":*", command.subcommands.map(\.name))
      }
    }
    return branches.joined(separator: "\n")
  }
}
