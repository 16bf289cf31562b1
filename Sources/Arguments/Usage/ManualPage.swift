/// A manual page of section 1 in the language of man(7), made from the declarations.
package struct ManualPage: Sendable {
  /// The name of the page: `vector-ferry-migrate`.
  package let name: String
  /// The text of the page.
  package let text: String

  /// The name of the page's file: `vector-ferry-migrate.1`.
  package var fileName: String { "\(name).1" }

  /// Renders the pages of a program: one of the program itself, and one of each command with the
  /// commands below it.
  package static func all<Invocation>(of program: Program<Invocation>) -> [ManualPage] {
    [page(of: program)]
      + program.commands.map { page(of: $0.declaration, program: program.name, program.version) }
  }

  private static func page<Invocation>(of program: Program<Invocation>) -> ManualPage {
    var writer = ManualWriter(
      name: program.name, version: program.version, summary: program.summary)
    writer.section("SYNOPSIS")
    writer.line(".B \(ManualWriter.escaped(program.name))")
    writer.line("\\fICOMMAND\\fR [\\fIOPTIONS\\fR]")
    writer.section("DESCRIPTION")
    for paragraph in [program.summary + "."] + program.discussion { writer.paragraph(paragraph) }
    writer.section("COMMANDS")
    for command in program.commands.map(\.declaration) {
      writer.entry("\(program.name)-\(command.name)(1)", command.summary + ".")
    }
    writer.section("OPTIONS")
    writer.standardOptions()
    writer.section("ENVIRONMENT")
    for variable in program.environment { writer.entry(variable.line, variable.meaning) }
    writer.section("EXIT STATUS")
    for code in program.exitCodes { writer.entry(code.line, code.meaning) }
    writer.examples(program.examples, program: program.name)
    return ManualPage(name: program.name, text: writer.text)
  }

  private static func page(
    of command: CommandDeclaration, program: String, _ version: String
  ) -> ManualPage {
    let name = ([program] + command.path).joined(separator: "-")
    var writer = ManualWriter(name: name, version: version, summary: command.summary)
    let commands = command.subcommands.isEmpty ? [command] : command.subcommands
    writer.section("SYNOPSIS")
    for command in commands {
      if command.line != commands[0].line { writer.line(".br") }
      writer.text(command.usage(program: program))
    }
    writer.section("DESCRIPTION")
    for paragraph in [command.summary + "."] + command.discussion { writer.paragraph(paragraph) }
    if command.subcommands.isEmpty {
      writer.section("OPTIONS")
      writer.parameters(of: command)
    } else {
      for command in command.subcommands {
        writer.section(command.line.uppercased())
        for paragraph in [command.summary + "."] + command.discussion {
          writer.paragraph(paragraph)
        }
        writer.parameters(of: command)
      }
      writer.section("OPTIONS OF ALL")
      writer.standardOptions()
    }
    writer.examples(
      command.examples + command.subcommands.flatMap(\.examples), program: program)
    writer.section("SEE ALSO")
    writer.text("\(program)(1)")
    return ManualPage(name: name, text: writer.text)
  }
}

/// Collects the lines of a manual page.
private struct ManualWriter {
  private var lines: [String]

  var text: String { lines.joined(separator: "\n") + "\n" }

  init(name: String, version: String, summary: String) {
    lines = [
      ".TH \"\(Self.escaped(name.uppercased()))\" 1 \"\" \"\(Self.escaped("vector-ferry \(version)"))\"",
      // No hyphenation: names of options would be broken.
      ".nh", ".ad l", ".SH NAME",
      "\(Self.escaped(name)) \\- \(Self.escaped(summary))",
    ]
  }

  /// Adds a line of the language itself.
  mutating func line(_ line: String) { lines.append(line) }

  /// Adds text to the paragraph.
  mutating func text(_ text: String) { lines.append(Self.escaped(text)) }

  mutating func section(_ title: String) { lines.append(".SH \"\(Self.escaped(title))\"") }

  mutating func paragraph(_ text: String) {
    lines.append(".PP")
    self.text(text)
  }

  /// Adds a term and its meaning.
  mutating func entry(_ term: String, _ meaning: String) {
    lines += [".TP", "\\fB\(Self.escaped(term))\\fR", Self.escaped(meaning)]
  }

  /// Adds the positionals and the options of a command, the options under their headings.
  mutating func parameters(of command: CommandDeclaration) {
    let declarations = command.declarations
    for positional in declarations.positionals {
      entry(positional.placeholder, positional.fullHelp)
    }
    for heading in declarations.headings {
      if declarations.headings.count > 1 { lines.append(".SS \"\(Self.escaped(heading))\"") }
      for option in declarations.options where option.heading == heading {
        entry(option.label.trimmingSpaces, option.fullHelp)
      }
    }
    if command.subcommands.isEmpty, !declarations.passesThrough {
      if declarations.headings.count > 1 { lines.append(".SS \"Help\"") }
      standardOptions()
    }
  }

  mutating func standardOptions() {
    for option in StandardOption.allCases { entry(option.label, option.help) }
  }

  mutating func examples(_ examples: [Example], program: String) {
    if examples.isEmpty { return }
    section("EXAMPLES")
    for example in examples {
      entry(example.line.isEmpty ? program : "\(program) \(example.line)", example.meaning)
    }
  }

  /// Returns a text in which no character has a meaning for man.
  static func escaped(_ text: String) -> String {
    var result = ""
    for character in text {
      switch character {
      case "\\": result += "\\e"
      case "-": result += "\\-"
      case "\"": result += "\\(dq"
      case "\n": result += " "
      default: result.append(character)
      }
    }
    return result.hasPrefix(".") || result.hasPrefix("'") ? "\\&" + result : result
  }
}

extension String {
  /// The text without spaces at its beginning.
  fileprivate var trimmingSpaces: String { String(drop { $0 == " " }) }
}
