/// A whole program and its commands.
package struct Program<Invocation: Sendable>: Sendable {
  /// The name that is typed to run the program.
  package let name: String
  /// The version that `--version` prints after the name.
  package let version: String
  /// The summary: one line without a full stop.
  let summary: String
  /// The paragraphs below the summary.
  let discussion: [String]
  /// The commands, in the order in which the help lists them.
  let commands: [Command<Invocation>]
  /// The environment variables that the help lists, each with its meaning.
  let environment: [Example]
  /// The exit codes, each with its meaning.
  let exitCodes: [Example]
  /// Examples of whole command lines.
  let examples: [Example]

  /// Creates a program and the text of its help.
  package init(
    name: String, version: String, summary: String, discussion: [String],
    commands: [Command<Invocation>], environment: [Example], exitCodes: [Example],
    examples: [Example]
  ) {
    self.name = name
    self.version = version
    self.summary = summary
    self.discussion = discussion
    self.commands = commands
    self.environment = environment
    self.exitCodes = exitCodes
    self.examples = examples
  }
}
