/// A whole program and its commands.
package struct Program<Invocation: Sendable>: Sendable {
  /// The name that is typed.
  package let name: String
  /// What `--version` prints after the name.
  package let version: String
  /// One line without a full stop.
  let summary: String
  /// Paragraphs below the summary.
  let discussion: [String]
  /// The commands, in the order of help.
  let commands: [Command<Invocation>]
  /// Environment variables worth knowing, each with its meaning.
  let environment: [Example]
  /// Exit codes, each with its meaning.
  let exitCodes: [Example]
  /// Whole command lines worth knowing.
  let examples: [Example]

  /// A program and all that its help says.
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
