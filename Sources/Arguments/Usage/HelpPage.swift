package import Messages

/// The help page of a program or of one of its commands, made from the declarations.
package struct HelpPage {
  private let program: String
  private let width: Int
  private var lines: [Message] = []

  /// Creates an empty page.
  ///
  /// - Parameter columns: the width of the terminal; extreme widths are limited.
  private init(program: String, columns: Int) {
    self.program = program
    width = min(max(columns, 48), 100)
  }

  /// Renders the page of a whole program.
  package static func lines<Invocation>(
    of program: Program<Invocation>, columns: Int
  ) -> [Message] {
    var page = HelpPage(program: program.name, columns: columns)
    page.lines.append("\(program.name, .bold) \(program.version)")
    page.add(paragraphs: [program.summary + "."] + program.discussion)
    page.add("Usage", [("\(program.name) COMMAND [OPTIONS]", "")])
    page.add("Commands", program.commands.map { ($0.declaration.name, $0.declaration.summary) })
    page.add("Options", StandardOption.allCases.map { ($0.label, $0.help) })
    page.add("Environment", program.environment.map { ($0.line, $0.meaning) })
    page.add("Exit codes", program.exitCodes.map { ($0.line, $0.meaning) })
    page.add(examples: program.examples)
    page.addEnding()
    return page.lines
  }

  /// Renders the page of one command.
  package static func lines(
    of command: CommandDeclaration, program: String, columns: Int
  ) -> [Message] {
    var page = HelpPage(program: program, columns: columns)
    page.add(paragraphs: [command.summary + "."] + command.discussion)
    page.add("Usage", [(command.usage(program: program), "")])
    page.add("Commands", command.subcommands.map { ($0.name, $0.summary) })
    page.add("Arguments", command.declarations.positionals.map { ($0.placeholder, $0.fullHelp) })
    if !command.declarations.passesThrough { page.add(optionsOf: command.declarations) }
    page.add(examples: command.examples)
    return page.lines
  }

  /// Adds the options under their headings, the standard options last.
  ///
  /// The descriptions of all options begin in the same column.
  private mutating func add(optionsOf declarations: Declarations) {
    let standard = StandardOption.allCases.map { (term: $0.label, meaning: $0.help) }
    var groups = declarations.headings.map { heading in
      let options = declarations.options.filter { $0.heading == heading }
      return (heading, options.map { (term: $0.label, meaning: $0.fullHelp) })
    }
    if groups.count == 1 {
      groups[0].1 += standard
    } else {
      groups.append((groups.isEmpty ? "Options" : "Help", standard))
    }
    let column = HelpPage.column(of: groups.flatMap { $0.1.map(\.term) }, width: width)
    for (heading, entries) in groups { add(heading, entries, column: column) }
  }

  private mutating func add(paragraphs: [String]) {
    for paragraph in paragraphs {
      if !lines.isEmpty { lines.append("") }
      lines += wrapped(paragraph, to: width).map { Message($0) }
    }
  }

  /// Adds a heading and its entries: the terms on the left, the meanings on the right of `column`.
  private mutating func add(
    _ heading: String, _ entries: [(term: String, meaning: String)], column: Int? = nil
  ) {
    if entries.isEmpty { return }
    if !lines.isEmpty { lines.append("") }
    lines.append("\(heading, .bold)\(":", .bold)")
    let column = column ?? HelpPage.column(of: entries.map(\.term), width: width)
    for entry in entries {
      let meaning = wrapped(entry.meaning, to: width - column)
      let term: Message = "  \(entry.term, .cyan)"
      let gap = column - term.displayWidth
      if meaning.isEmpty {
        lines.append(term)
      } else if gap >= 2 {
        lines.append("\(term)\(String(repeating: " ", count: gap))\(meaning[0])")
      } else {
        lines.append(term)
        lines.append("\(String(repeating: " ", count: column))\(meaning[0])")
      }
      lines += meaning.dropFirst().map { "\(String(repeating: " ", count: column))\($0)" }
    }
  }

  private mutating func add(examples: [Example]) {
    if examples.isEmpty { return }
    lines += ["", "\("Examples:", .bold)"]
    for example in examples {
      lines.append("  \(example.line.isEmpty ? program : "\(program) \(example.line)", .cyan)")
      lines += wrapped(example.meaning, to: width - 6).map { "      \($0)" }
    }
  }

  private mutating func addEnding() {
    lines += ["", "'\(program) help COMMAND' explains a command."]
  }

  /// Computes the column in which meanings begin: after the longest term that ends within the
  /// first two fifths of the page.
  private static func column(of terms: [String], width: Int) -> Int {
    let limit = max(20, width * 2 / 5)
    let fitting = terms.map { $0.displayWidth + 4 }.filter { $0 <= limit }
    return fitting.max() ?? 10
  }
}

extension CommandDeclaration {
  /// Returns the line that shows how to type the command: `vector-ferry completions [OPTIONS]
  /// bash|zsh|fish`.
  func usage(program: String) -> String {
    var words = [program] + path
    if !subcommands.isEmpty { words.append("COMMAND") }
    if !declarations.options.isEmpty { words.append("[OPTIONS]") }
    for positional in declarations.positionals {
      switch positional.arity {
      case .required: words.append(positional.placeholder)
      case .optional: words.append("[\(positional.placeholder)]")
      case .list, .passThrough: words.append("[\(positional.placeholder)...]")
      }
    }
    return words.joined(separator: " ")
  }
}

extension Declarations {
  /// The headings of the options, each once, in the order of their first option.
  var headings: [String] {
    options.map(\.heading).reduce(into: []) { if !$0.contains($1) { $0.append($1) } }
  }
}

extension OptionDeclaration {
  /// The option as the help shows it on the left: `-q, --quiet` or `    --user U`.
  var label: String {
    let start = short.map { "-\($0), " } ?? "    "
    return start + flag + (value.map { " \($0.placeholder)" } ?? "")
  }

  /// The help text of the option, followed by the default and other facts in brackets.
  var fullHelp: String {
    var notes: [String] = []
    if isRepeatable { notes.append("may be repeated") }
    if let defaultText { notes.append("default: \(defaultText)") }
    if !environment.isEmpty { notes.append("env: \(environment.joined(separator: ", "))") }
    return notes.isEmpty ? help : "\(help) (\(notes.joined(separator: "; ")))"
  }
}

extension PositionalDeclaration {
  /// The help text of the positional, followed by the allowed words in brackets.
  var fullHelp: String {
    guard case .choices(let choices) = completion else { return help }
    return "\(help) (\(choices.joined(separator: ", ")))"
  }
}

extension StandardOption {
  /// The option as the help shows it on the left: `-h, --help`.
  var label: String { "-\(short), \(flag)" }
}

/// Breaks the text at spaces into lines of at most `width` columns; a longer word gets a line
/// alone.
func wrapped(_ text: String, to width: Int) -> [String] {
  var lines: [String] = []
  var line = ""
  for word in text.split(separator: " ") {
    if !line.isEmpty, line.displayWidth + 1 + word.displayWidth > width {
      lines.append(line)
      line = ""
    }
    line += line.isEmpty ? word : " \(word)"
  }
  return line.isEmpty ? lines : lines + [line]
}
