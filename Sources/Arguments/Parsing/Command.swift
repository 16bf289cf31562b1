/// A command: its declaration, and how its parsed arguments become one case of `Invocation`.
package struct Command<Invocation: Sendable>: Sendable {
  /// What help, errors and completions know of it.
  let declaration: CommandDeclaration
  /// The commands below it.
  let subcommands: [Command]
  /// Makes the request of parsed values; nil where a subcommand must follow.
  let makeRequest: (@Sendable (ParsedValues) -> Request<Invocation>)?

  /// A command that runs.
  ///
  /// - Parameter path: its words, separated by spaces: `"server start"`.
  package init<Parameters: ParameterSet>(
    _ path: String, summary: String, discussion: [String] = [], examples: [Example] = [],
    takes: Parameters.Type,
    invocation: @escaping @Sendable (ParsedArguments<Parameters>) -> Invocation
  ) {
    self.init(
      path, summary: summary, discussion: discussion, examples: examples, takes: takes,
      request: { .run(invocation($0)) })
  }

  private init<Parameters: ParameterSet>(
    _ path: String, summary: String, discussion: [String], examples: [Example],
    takes: Parameters.Type,
    request: @escaping @Sendable (ParsedArguments<Parameters>) -> Request<Invocation>
  ) {
    var declarations = Declarations()
    let parameters = Parameters(declaring: &declarations)
    declaration = CommandDeclaration(
      path: words(of: path), summary: summary, discussion: discussion, declarations: declarations,
      subcommands: [], examples: examples)
    subcommands = []
    makeRequest = { [declarations] in
      request(ParsedArguments(parameters: parameters, declarations: declarations, values: $0))
    }
  }

  /// A command that only leads to others.
  package init(
    _ path: String, summary: String, discussion: [String] = [], examples: [Example] = [],
    subcommands: [Command]
  ) {
    declaration = CommandDeclaration(
      path: words(of: path), summary: summary, discussion: discussion,
      declarations: Declarations(), subcommands: subcommands.map(\.declaration),
      examples: examples)
    self.subcommands = subcommands
    makeRequest = nil
  }
}

extension Command {
  /// The command `help`, which every program has, with examples of its own.
  package static func help(examples: [Example]) -> Command {
    Command(
      "help", summary: "Show help for a command", discussion: [], examples: examples,
      takes: HelpParameters.self, request: { .help(path: $0.command) })
  }
}

/// The words after `help`.
struct HelpParameters: ParameterSet {
  /// The path of the command to explain.
  let command: Parameter<[String]>

  /// Declares the command's words.
  init(declaring declare: inout Declarations) {
    command = declare.list(
      "COMMAND", .text("COMMAND"), help: "The command to explain; without it, the program")
  }
}

/// `"server start"` as its two words.
private func words(of path: String) -> [String] { path.split(separator: " ").map(String.init) }
