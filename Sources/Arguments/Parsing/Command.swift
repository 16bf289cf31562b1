/// A command: its declaration, and the function that turns its values into a request.
package struct Command<Invocation: Sendable>: Sendable {
  /// The description of the command, from which the help, the errors and the completions are made.
  let declaration: CommandDeclaration
  /// The commands below this command, as `start` is below `server`.
  let subcommands: [Command]
  /// Creates the request from the parsed values; nil for a command that only groups other commands.
  let makeRequest: (@Sendable (ParsedValues) -> Request<Invocation>)?

  /// Creates a command that can be run.
  ///
  /// - Parameter path: the words of the command, separated by spaces: `"server start"`.
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

  /// Creates a command that only groups other commands.
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
  /// Creates the command `help`, which every program has, with the given examples.
  package static func help(examples: [Example]) -> Command {
    Command(
      "help", summary: "Show help for a command", discussion: [], examples: examples,
      takes: HelpParameters.self, request: { .help(path: $0.command) })
  }
}

/// The parameters of the command `help`.
struct HelpParameters: ParameterSet {
  /// The words that name the command to explain.
  let command: Parameter<[String]>

  /// Declares the words after `help`.
  init(declaring declare: inout Declarations) {
    command = declare.list(
      "COMMAND", .text("COMMAND"), help: "The command to explain; without COMMAND, the program")
  }
}

/// Splits a path at its spaces: `"server start"` into two words.
private func words(of path: String) -> [String] { path.split(separator: " ").map(String.init) }
