extension CompletionScript {
  /// The completion script for bash 4 and later, which does not need the package bash-completion.
  var bash: String {
    """
    # bash completion for \(program)

    \(function)() {
      local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD - 1]}
      local prefix='' path='' named
      COMPREPLY=()
    \(bashCursor)
    \(bashPath)
      [[ $path == \(shellQuoted(passThroughLine)) ]] && return
      case $prev in
    \(bashValues)
      esac
      # Words other than options come directly after the command.
      read -ra named <<<"$path"
      [[ $cur != -* ]] && ((COMP_CWORD > ${#named[@]} + 1)) && return
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

  /// The lines of the script that find the option whose value is at the cursor.
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

  /// The lines of the script that find the command by the first two words, as the program itself
  /// does.
  private var bashPath: String {
    """
      if ((COMP_CWORD > 1)); then
        path=${COMP_WORDS[1]}
      fi
      if ((COMP_CWORD > 2)); then
        case "$path ${COMP_WORDS[2]}" in
          \(pathsOfTwo.map(shellQuoted).joined(separator: " | "))) path+=" ${COMP_WORDS[2]}" ;;
        esac
      fi

    """
  }

  /// The path of the command whose words go to another program: `server psql`.
  ///
  /// Where no command does so, the text is `-`, which matches no path.
  private var passThroughLine: String {
    allCommands.first { $0.declarations.passesThrough }?.line ?? "-"
  }

  /// The branches of a `case` in the script: one for each option that takes a value.
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

  /// The branches of a `case` in the script: for each command, one for the command's options and
  /// one for the words that may follow the command.
  private var bashWords: String {
    var branches: [String] = []
    func offer(_ pattern: String, _ words: [String]) {
      if words.isEmpty { return }
      let list = shellQuoted(words.joined(separator: " "))
      branches.append("    \(pattern)) \(function)_words \(list) ;;")
    }
    offer("'':-*", standardSpellings)
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
