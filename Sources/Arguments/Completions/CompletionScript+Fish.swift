extension CompletionScript {
  /// The completion script for fish 3 and later.
  var fish: String {
    """
    # fish completion for \(program)

    # The command at the cursor, by the first two words, as the program itself finds it.
    function _\(function)_path
      set -l words (commandline -opc)
      set -l path "$words[2]"
      if contains -- "$path $words[3]" \(pathsOfTwo.map(fishQuoted).joined(separator: " "))
        set path "$path $words[3]"
      end
      echo "$path"
    end

    function _\(function)_at
      contains -- (_\(function)_path) $argv
    end

    # True directly after the command, at the place of its words.
    function _\(function)_behind
      set -l named (string split -n ' ' -- (_\(function)_path))
      _\(function)_at $argv; and test (count (commandline -opc)) -eq (math 1 + (count $named))
    end

    complete -c \(program) -f
    \(fishLines.joined(separator: "\n"))

    """
  }

  private var fishLines: [String] {
    var lines = commands.map { fishWord($0.name, $0.summary, at: ["", "help"]) }
    lines += StandardOption.allCases.map { fishStandard($0, at: [""]) }
    for command in allCommands {
      let places = [command.line]
      lines += command.declarations.options.map { fishOption($0, at: places) }
      if !command.declarations.passesThrough {
        lines += StandardOption.allCases.map { fishStandard($0, at: places) }
      } else {
        lines.append("\(fishStart(places)) -F")
      }
      if command.path == ["help"] { continue }
      let group = command.subcommands.isEmpty ? [] : ["help \(command.line)"]
      lines += words(after: command).map { fishWord($0.word, $0.meaning, at: places + group) }
    }
    return lines
  }

  private func fishStandard(_ option: StandardOption, at places: [String]) -> String {
    let help = fishQuoted(option.help)
    return "\(fishStart(places)) -l \(option.rawValue) -s \(option.short) -d \(help)"
  }

  private func fishStart(_ places: [String], behind: Bool = false) -> String {
    let condition =
      "_\(function)_\(behind ? "behind" : "at") \(places.map { "'\($0)'" }.joined(separator: " "))"
    return "complete -c \(program) -n \"\(condition)\""
  }

  private func fishWord(_ word: String, _ meaning: String, at places: [String]) -> String {
    let description = meaning.isEmpty ? "" : " -d \(fishQuoted(meaning))"
    return "\(fishStart(places, behind: true)) -a \(word)\(description)"
  }

  private func fishOption(_ option: OptionDeclaration, at places: [String]) -> String {
    var line = "\(fishStart(places)) -l \(option.name)"
    if let short = option.short { line += " -s \(short)" }
    switch option.value?.completion {
    case nil: break
    case .some(.none): line += " -x"
    case .directory: line += " -x -a '(__fish_complete_directories)'"
    case .file: line += " -r -F"
    case .choices(let words): line += " -x -a '\(words.joined(separator: " "))'"
    }
    return line + " -d \(fishQuoted(option.help))"
  }

  /// Quotes a text for fish: inside single quotes only a quote and a backslash need a backslash.
  private func fishQuoted(_ text: String) -> String {
    "'" + text.map { $0 == "'" || $0 == "\\" ? "\\\($0)" : String($0) }.joined() + "'"
  }
}
