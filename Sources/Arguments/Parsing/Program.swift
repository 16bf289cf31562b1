/// A whole program, with all its commands.
package struct Program<Invocation: Sendable>: Sendable {
  /// The name that an operator types to run the program.
  package let name: String
  /// The version that `--version` prints after the name.
  package let version: String
  /// The summary of the program: one line without a full stop.
  let summary: String
  /// The paragraphs that the help shows below the summary.
  let discussion: [String]
  /// The commands, in the order in which the help lists them.
  let commands: [Command<Invocation>]
  /// The environment variables that the help lists, each with its meaning.
  let environment: [Example]
  /// The exit codes that the help lists, each with its meaning.
  let exitCodes: [Example]
  /// The examples of whole command lines that the help shows.
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
