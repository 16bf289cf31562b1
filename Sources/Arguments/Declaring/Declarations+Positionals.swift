/// One word, or several, that a command takes without a flag.
struct PositionalDeclaration: Sendable {
  /// How many words it takes.
  enum Arity: Equatable, Sendable {
    /// Exactly one.
    case required
    /// All that are left, options apart.
    case list
    /// Everything after the command, options too, untouched.
    case passThrough
  }

  /// Stands for it in help: `SHELL`.
  let placeholder: String
  /// How many words it takes.
  let arity: Arity
  /// What a shell offers for it.
  let completion: CompletionHint
  /// One sentence for help.
  let help: String
  /// Where its value goes.
  let slot: Int
  /// Turns the words given into the value of its slot.
  let fill: Filler
}

extension Declarations {
  /// A word that must be given.
  package mutating func required<Value>(
    _ placeholder: String, _ type: ValueType<Value>, help: String
  ) -> Parameter<Value> {
    addPositional(placeholder, .required, type.completion, help) { words throws(ParameterFault) in
      guard let value = try type.single(of: words) else { throw .missing }
      return Filled(value: value)
    }
  }

  /// Any number of words.
  package mutating func list<Value>(
    _ placeholder: String, _ type: ValueType<Value>, help: String
  ) -> Parameter<[Value]> {
    addPositional(placeholder, .list, type.completion, help) { words throws(ParameterFault) in
      Filled(value: try type.list(of: words))
    }
  }

  /// Everything after the command, for another program; nothing of it is looked at.
  package mutating func passThrough(_ placeholder: String, help: String) -> Parameter<[String]> {
    addPositional(placeholder, .passThrough, .none, help) { words throws(ParameterFault) in
      Filled(value: words)
    }
  }

  /// True where everything after the command goes to another program.
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
