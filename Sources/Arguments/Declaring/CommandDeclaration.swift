/// The description of one command, from which help, errors and completions are made.
package struct CommandDeclaration: Sendable {
  /// The words that name the command: `["server", "start"]`; empty for the program itself.
  let path: [String]
  /// The summary: one line without a full stop.
  let summary: String
  /// The paragraphs below the summary; may be empty.
  let discussion: [String]
  /// The options and positionals of the command.
  let declarations: Declarations
  /// The commands below this command.
  let subcommands: [CommandDeclaration]
  /// Examples of whole command lines.
  let examples: [Example]

  /// The last word of the path: `start`.
  var name: String { path.last ?? "" }

  /// All words of the path: `server start`.
  var line: String { path.joined(separator: " ") }
}

/// An example of a command line, and what it does.
package struct Example: Equatable, Sendable {
  /// The words to type after the program's name.
  let line: String
  /// The description of what the command line does, in one line.
  let meaning: String

  /// Creates an example of a command.
  package init(_ line: String, _ meaning: String) {
    self.line = line
    self.meaning = meaning
  }
}
