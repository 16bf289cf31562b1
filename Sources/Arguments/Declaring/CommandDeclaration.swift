/// The description of one command, from which the help, the errors and the completions are made.
package struct CommandDeclaration: Sendable {
  /// The words that name the command: `["server", "start"]`; empty for the program itself.
  let path: [String]
  /// The summary of the command: one line without a full stop.
  let summary: String
  /// The paragraphs that the help shows below the summary; may be empty.
  let discussion: [String]
  /// The options and positionals of the command.
  let declarations: Declarations
  /// The commands below this command, as `start` is below `server`.
  let subcommands: [CommandDeclaration]
  /// The examples of whole command lines that the help shows.
  let examples: [Example]

  /// The last word of the path: `start`.
  var name: String { path.last ?? "" }

  /// All words of the path: `server start`.
  var line: String { path.joined(separator: " ") }
}

/// An example of a command line, with its meaning.
package struct Example: Equatable, Sendable {
  /// The words to type after the program's name.
  let line: String
  /// The effect of the command line, described in one line.
  let meaning: String

  /// Creates an example from a command line and its meaning.
  package init(_ line: String, _ meaning: String) {
    self.line = line
    self.meaning = meaning
  }
}
