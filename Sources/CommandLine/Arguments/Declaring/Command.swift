/// What help, errors and completions know of one command.
struct CommandDeclaration: Sendable {
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
struct Example: Equatable, Sendable {
  /// What to type after the program's name.
  let line: String
  /// What happens then, one line.
  let meaning: String

  /// An example of a command.
  init(_ line: String, _ meaning: String) {
    self.line = line
    self.meaning = meaning
  }
}

/// A command: its declaration, and how its parsed arguments become one case of `Invocation`.
struct Command<Invocation: Sendable>: Sendable {
  /// What help, errors and completions know of it.
  let declaration: CommandDeclaration
  /// The commands below it.
  let subcommands: [Command]
  /// Makes the request of parsed values; nil where a subcommand must follow.
  let makeRequest: (@Sendable (ParsedValues) -> Request<Invocation>)?

  /// A command that runs.
  ///
  /// - Parameter path: its words, separated by spaces: `"server start"`.
  init<Parameters: ParameterSet>(
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
    makeRequest = { request(ParsedArguments(parameters: parameters, values: $0)) }
  }

  /// A command that only leads to others.
  init(
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
  /// The command `help`, which every program has.
  static var help: Command {
    Command(
      "help", summary: "Show help for a command", discussion: [],
      examples: [Example("help migrate", "Everything that migrate understands")],
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
