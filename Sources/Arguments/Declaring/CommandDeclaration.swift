/// What help, errors and completions know of one command.
package struct CommandDeclaration: Sendable {
  /// The words that lead to it: `["server", "start"]`; empty for the program itself.
  let path: [String]
  /// One line without a full stop.
  let summary: String
  /// Paragraphs below the summary, may be empty.
  let discussion: [String]
  /// What it takes.
  let declarations: Declarations
  /// The commands below it.
  let subcommands: [CommandDeclaration]
  /// Whole command lines worth knowing.
  let examples: [Example]

  /// The last word: `start`.
  var name: String { path.last ?? "" }

  /// All its words: `server start`.
  var line: String { path.joined(separator: " ") }
}

/// A command line worth knowing, and what it does.
package struct Example: Equatable, Sendable {
  /// What to type after the program's name.
  let line: String
  /// What happens then, one line.
  let meaning: String

  /// An example of a command.
  package init(_ line: String, _ meaning: String) {
    self.line = line
    self.meaning = meaning
  }
}
