/// A positional: words that a command takes without a flag.
struct PositionalDeclaration: Sendable {
  /// The number of words that the positional takes.
  enum Arity: Equatable, Sendable {
    /// Exactly one word.
    case required
    /// One word, or none.
    case optional
    /// All remaining words except options.
    case list
    /// Every word after the command, unchanged and including options.
    case passThrough
  }

  /// The word that stands for the positional in the help: `SHELL`.
  let placeholder: String
  /// The number of words that the positional takes.
  let arity: Arity
  /// The completions that a shell offers for the positional.
  let completion: CompletionHint
  /// The help text of the positional: one sentence.
  let help: String
  /// The position of the positional's value among the values of the command.
  let slot: Int
  /// Turns the given words into the positional's value.
  let fill: Filler
}

extension Declarations {
  /// Declares a positional of one word that must be given.
  package mutating func required<Value>(
    _ placeholder: String, _ type: ValueType<Value>, help: String
  ) -> Parameter<Value> {
    addPositional(placeholder, .required, type.completion, help) { words throws(ParameterFault) in
      guard let value = try type.single(of: words) else { throw .missing }
      return Filled(value: value)
    }
  }

  /// Declares a positional of one word that may be left out.
  package mutating func optionalWord<Value>(
    _ placeholder: String, _ type: ValueType<Value>, help: String
  ) -> Parameter<Value?> {
    addPositional(placeholder, .optional, type.completion, help) { words throws(ParameterFault) in
      Filled(value: try type.single(of: words))
    }
  }

  /// Declares a positional of any number of words.
  package mutating func list<Value>(
    _ placeholder: String, _ type: ValueType<Value>, help: String
  ) -> Parameter<[Value]> {
    addPositional(placeholder, .list, type.completion, help) { words throws(ParameterFault) in
      Filled(value: try type.list(of: words))
    }
  }

  /// Declares that all words after the command go to another program, which alone reads their
  /// meaning.
  package mutating func passThrough(_ placeholder: String, help: String) -> Parameter<[String]> {
    addPositional(placeholder, .passThrough, .none, help) { words throws(ParameterFault) in
      Filled(value: words)
    }
  }

  /// True where all words after the command go to another program.
  var passesThrough: Bool { positionals.contains { $0.arity == .passThrough } }

  private mutating func addPositional<Value>(
    _ placeholder: String, _ arity: PositionalDeclaration.Arity, _ completion: CompletionHint,
    _ help: String,
    fill: @escaping @Sendable ([String]) throws(ParameterFault) -> Filled<Value>
  ) -> Parameter<Value> {
    let parameter = nextParameter(of: Value.self)
    append(
      PositionalDeclaration(
        placeholder: placeholder, arity: arity, completion: completion, help: help,
        slot: parameter.slot, fill: { words throws(ParameterFault) in try fill(words) }))
    return parameter
  }
}
