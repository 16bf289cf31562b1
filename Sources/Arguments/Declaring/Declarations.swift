/// The options and positionals of one command, in the order of their declaration.
package struct Declarations: Sendable {
  /// The options, in the order in which the help lists them.
  private(set) var options: [OptionDeclaration] = []
  /// The positionals, in the order in which an operator types them.
  private(set) var positionals: [PositionalDeclaration] = []
  /// The effects of parameters on the options of modules, in the order of their declaration.
  ///
  /// Each effect is a `Setting`.
  private(set) var settings: [any Sendable] = []
  /// The number of values that a parsed command line holds.
  var slotCount = 0
  private var heading = "Options"

  /// Creates declarations without parameters.
  init() {}

  /// Sets the heading under which the help lists the following options.
  package mutating func heading(_ text: String) { heading = text }

  /// Adds a positional.
  mutating func append(_ positional: PositionalDeclaration) { positionals.append(positional) }

  /// Adds the effect of a parameter on a module's options.
  mutating func append<Options>(_ setting: Setting<Options>) { settings.append(setting) }

  /// Declares the parameters of a group that several commands share.
  package mutating func group<Group: ParameterSet>(_ type: Group.Type) -> Group {
    Group(declaring: &self)
  }
}

/// An option without its Swift type, from which the help, the errors and the completions are made.
struct OptionDeclaration: Sendable {
  /// The long name without hyphens: `dry-run`.
  let name: String
  /// The one-letter name; nil where the option has none.
  let short: Character?
  /// The shape of the option's value; nil for a switch, which takes no value.
  let value: ValueShape?
  /// True where the option may be given several times.
  let isRepeatable: Bool
  /// The help text of the option: one or two sentences, without a full stop at the end.
  let help: String
  /// The text with which the help describes the default; nil where the help shows no default.
  let defaultText: String?
  /// The word that an operator would type to choose the default; nil where no word does.
  let defaultWord: String?
  /// The environment variables that are used where the option is not given.
  let environment: [String]
  /// The heading above the option in the help.
  let heading: String
  /// The position of the option's value among the values of the command.
  let slot: Int
  /// Turns the given words into the option's value.
  let fill: Filler

  /// The long name as an operator types it: `--dry-run`.
  var flag: String { "--\(name)" }
}

/// A description of the value that an option takes, without its Swift type.
struct ValueShape: Sendable {
  /// The word that stands for the value in the help: `DIR`.
  let placeholder: String
  /// The completions that a shell offers for the value.
  let completion: CompletionHint
  /// True for numbers, which may begin with a minus sign.
  let isNumeric: Bool
  /// True for values that messages never repeat, because they may contain a password.
  let isSecret: Bool

  /// Creates the description of the values of a type.
  init<Value>(_ type: ValueType<Value>) {
    placeholder = type.placeholder
    completion = type.completion
    isNumeric = type.isNumeric
    isSecret = type.isSecret
  }
}

/// A function that turns the words of one parameter into a `Filled` value; the list of words is
/// empty where the parameter was not given.
typealias Filler = @Sendable ([String]) throws(ParameterFault) -> any Sendable

/// A box for the value of a parameter, so that a cast from `any Sendable` keeps an optional value.
struct Filled<Value: Sendable>: Sendable {
  /// The value of the parameter.
  let value: Value
}

/// The reason why the words of one parameter give no value.
enum ParameterFault: Error, Equatable, Sendable {
  /// One word is not a value of the parameter's type.
  case invalid(word: String, ValueFault)
  /// The parameter was given twice, with different values.
  case conflicting(String, String)
  /// The parameter was not given and has no default.
  case missing
}

extension ValueType {
  /// Reads one word; where the word is refused, throws an error that contains the word.
  fileprivate func value(of word: String) throws(ParameterFault) -> Value {
    do { return try read(word) } catch { throw .invalid(word: word, error) }
  }

  /// Reads a parameter that takes one value; returns nil where the parameter is not given.
  ///
  /// The parameter may be given several times with the same word, but not with different words.
  func single(of words: [String]) throws(ParameterFault) -> Value? {
    guard let first = words.first else { return nil }
    if let other = words.first(where: { $0 != first }) { throw .conflicting(first, other) }
    return try value(of: first)
  }

  /// Reads a parameter that may be given several times.
  func list(of words: [String]) throws(ParameterFault) -> [Value] {
    var values: [Value] = []
    for word in words { values.append(try value(of: word)) }
    return values
  }
}

extension Declarations {
  /// Declares a switch, whose value is true where the switch is given.
  package mutating func flag(
    _ name: String, short: Character? = nil, help: String
  ) -> Parameter<Bool> {
    addOption(name, short, nil, help: help) { words throws(ParameterFault) in
      Filled(value: !words.isEmpty)
    }
  }

  /// Declares a switch that may be given several times; its value is the number of times.
  package mutating func count(
    _ name: String, short: Character? = nil, help: String
  ) -> Parameter<Int> {
    addOption(name, short, nil, isRepeatable: true, help: help) { words throws(ParameterFault) in
      Filled(value: words.count)
    }
  }

  /// Declares an option that has a default.
  package mutating func option<Value>(
    _ name: String, short: Character? = nil, _ type: ValueType<Value>, default value: Value,
    environment: [String] = [], help: String
  ) -> Parameter<Value> {
    let word = type.write(value)
    return addOption(
      name, short, ValueShape(type), defaultText: word, defaultWord: word,
      environment: environment, help: help
    ) { words throws(ParameterFault) in
      Filled(value: try type.single(of: words) ?? value)
    }
  }

  /// Declares an option that may be left out; the help shows `otherwise` as the default.
  package mutating func optional<Value>(
    _ name: String, short: Character? = nil, _ type: ValueType<Value>, otherwise: String? = nil,
    environment: [String] = [], help: String
  ) -> Parameter<Value?> {
    addOption(
      name, short, ValueShape(type), defaultText: otherwise, environment: environment, help: help
    ) { words throws(ParameterFault) in
      Filled(value: try type.single(of: words))
    }
  }

  /// Declares an option that may be given several times; the values keep their order.
  package mutating func repeatable<Value>(
    _ name: String, short: Character? = nil, _ type: ValueType<Value>, help: String
  ) -> Parameter<[Value]> {
    addOption(name, short, ValueShape(type), isRepeatable: true, help: help) {
      words throws(ParameterFault) in
      Filled(value: try type.list(of: words))
    }
  }

  private mutating func addOption<Value>(
    _ name: String, _ short: Character?, _ shape: ValueShape?, isRepeatable: Bool = false,
    defaultText: String? = nil, defaultWord: String? = nil, environment: [String] = [],
    help: String,
    fill: @escaping @Sendable ([String]) throws(ParameterFault) -> Filled<Value>
  ) -> Parameter<Value> {
    let parameter = nextParameter(of: Value.self)
    options.append(
      OptionDeclaration(
        name: name, short: short, value: shape, isRepeatable: isRepeatable, help: help,
        defaultText: defaultText, defaultWord: defaultWord, environment: environment,
        heading: heading, slot: parameter.slot,
        fill: { words throws(ParameterFault) in try fill(words) }))
    return parameter
  }
}
