import Messages
import Testing

@testable import Arguments
@testable import CommandLine

@Suite("Help shows everything that is declared")
struct HelpTests {
  private func page(_ path: [String], columns: Int = 80) -> [String] {
    let lines =
      ferry.declaration(at: path).map {
        HelpPage.lines(of: $0, program: ferry.name, columns: columns)
      } ?? HelpPage.lines(of: ferry, columns: columns)
    return lines.map(\.plain)
  }

  @Test("Every option, positional and subcommand stands in the help of its command")
  func complete() {
    for declaration in ferry.allCommands.map(\.declaration) {
      let text = page(declaration.path).joined(separator: "\n")
      for option in declaration.declarations.options {
        let value = option.value.map { " \($0.placeholder)" } ?? ""
        #expect(
          text.contains("      \(option.flag)\(value)\n")
            || text.contains("\(option.flag)\(value)  "))
        for variable in option.environment { #expect(text.contains(variable)) }
      }
      for positional in declaration.declarations.positionals {
        #expect(text.contains("  \(positional.placeholder)  "))
      }
      for subcommand in declaration.subcommands { #expect(text.contains("  \(subcommand.name) ")) }
      for example in declaration.examples { #expect(text.contains("vector-ferry \(example.line)")) }
    }
    let program = page([]).joined(separator: "\n")
    for command in ferry.commands { #expect(program.contains("  \(command.declaration.name) ")) }
    for code in ExitCode.allCases { #expect(program.contains("  \(code.rawValue) ")) }
  }

  @Test("Defaults are shown")
  func defaults() {
    let text = page(["migrate"]).joined(separator: " ").split(separator: " ").joined(separator: " ")
    for shown in ["(default: user_data)", "(default: migration_backup)", "(may be repeated)"] {
      #expect(text.contains(shown))
    }
  }

  @Test("No line is wider than the terminal", arguments: [48, 60, 80, 100])
  func width(_ columns: Int) {
    for path in [[]] + ferry.allCommands.map(\.declaration.path) {
      for line in page(path, columns: columns) where line.displayWidth > columns {
        // Names and command lines, which people copy, are never broken into two lines.
        let isExample = line.hasPrefix("  vector-ferry ")
        #expect(isExample || !line.drop { $0 == " " }.contains(" "), "\(line)")
      }
    }
  }

  @Test("Summaries and helps are of one style: a capital, no full stop")
  func style() {
    for declaration in ferry.allCommands.map(\.declaration) {
      let sentences =
        [declaration.summary] + declaration.declarations.options.map(\.help)
        + declaration.declarations.positionals.map(\.help) + declaration.examples.map(\.meaning)
      for sentence in sentences {
        #expect(sentence.first?.isUppercase == true, "\(sentence)")
        #expect(!sentence.hasSuffix("."), "\(sentence)")
      }
    }
  }
}
