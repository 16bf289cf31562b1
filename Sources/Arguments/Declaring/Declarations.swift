/// The options and positionals of one command, in the order of their declaration.
package struct Declarations: Sendable {
  /// The options, in the order in which the help lists them.
  private(set) var options: [OptionDeclaration] = []
  /// The positionals, in the order in which they are written.
  private(set) var positionals: [PositionalDeclaration] = []
  /// The effects of the parameters on options of modules, each a `Setting`, in order of
  /// declaration.
  private(set) var settings: [any Sendable] = []
  /// How many values a parsed command line holds.
  var slotCount = 0
  private var heading = "Options"

  /// Creates declarations without parameters.
  init() {}

  /// Sets the heading under which the help lists the following options.
  package mutating func heading(_ text: String) { heading = text }

  /// Adds a positional that an extension has created.
  mutating func append(_ positional: PositionalDeclaration) { positionals.append(positional) }

  /// Adds the effect of a parameter on a module's options.
  mutating func append<Options>(_ setting: Setting<Options>) { settings.append(setting) }

  /// Declares a group that several commands share.
  package mutating func group<Group: ParameterSet>(_ type: Group.Type) -> Group {
    Group(declaring: &self)
  }
}

/// An option without its Swift type, from which help, errors and completions are made.
struct OptionDeclaration: Sendable {
  /// The long name without hyphens: `dry-run`.
  let name: String
  /// The one-letter name; nil where the option has none.
  let short: Character?
  /// The shape of the option's value, nil for a switch.
  let value: ValueShape?
  /// True where the option may be given several times.
  let isRepeatable: Bool
  /// One or two sentences for help, without a full stop at the end.
  let help: String
  /// The value that counts where the option is not given, as the help shows it; nil where the help
  /// shows none.
  let defaultText: String?
  /// The word that could be typed for the default; nil where the default is no such word.
  let defaultWord: String?
  /// The environment variables that are read where the option is not given.
  let environment: [String]
  /// The heading above the option in the help.
  let heading: String
  /// The slot of the option's value.
  let slot: Int
  /// Turns the given words into the value of the slot.
  let fill: Filler

  /// The long name as typed: `--dry-run`.
  var flag: String { "--\(name)" }
}

/// The value of an option, without its Swift type.
struct ValueShape: Sendable {
  /// The placeholder of the value in the help.
  let placeholder: String
  /// The completions that a shell offers for the value.
  let completion: CompletionHint
  /// True for numbers, which may begin with a minus sign.
  let isNumeric: Bool
  /// True for values that are never repeated in messages.
  let isSecret: Bool

  /// Creates the shape of a value type.
  init<Value>(_ type: ValueType<Value>) {
    placeholder = type.placeholder
    completion = type.completion
    isNumeric = type.isNumeric
    isSecret = type.isSecret
  }
}

/// Turns the words of one parameter into a `Filled` value; the words are empty where the parameter
/// was not given.
typealias Filler = @Sendable ([String]) throws(ParameterFault) -> any Sendable

/// A value in its slot; it has a type of its own, so that an optional value survives the cast.
struct Filled<Value: Sendable>: Sendable {
  /// The value that the slot holds.
  let value: Value
}

/// Why the words of one parameter do not make a value.
enum ParameterFault: Error, Equatable, Sendable {
  /// One word is not a value of the parameter's type.
  case invalid(word: String, ValueFault)
  /// The parameter was given twice, with different values.
  case conflicting(String, String)
  /// The parameter was not given and has no default.
  case missing
}

extension ValueType {
  /// Reads one word; where the word is refused, the error holds it for the message.
  fileprivate func value(of word: String) throws(ParameterFault) -> Value {
    do { return try read(word) } catch { throw .invalid(word: word, error) }
  }

  /// Reads a parameter that has one value, given once or several times with the same value; returns
  /// nil where the parameter is not given.
  func single(of words: [String]) throws(ParameterFault) -> Value? {
    guard let first = words.first else { return nil }
    if let other = words.first(where: { $0 != first }) { throw .conflicting(first, other) }
    return try value(of: first)
  }

  /// Reads a parameter that may be repeated.
  func list(of words: [String]) throws(ParameterFault) -> [Value] {
    var values: [Value] = []
    for word in words { values.append(try value(of: word)) }
    return values
  }
}

extension Declarations {
  /// Declares a switch, which is false unless given.
  package mutating func flag(
    _ name: String, short: Character? = nil, help: String
  ) -> Parameter<Bool> {
    addOption(name, short, nil, help: help) { words throws(ParameterFault) in
      Filled(value: !words.isEmpty)
    }
  }

  /// Declares an option that always has a value, given or by default.
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

  /// Declares an option that may be left out; `otherwise` is the text of the help for that case.
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

  /// Declares an option that may be given several times; its values keep their order.
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
