/// Everything that one command takes, in the order it was declared.
package struct Declarations: Sendable {
  /// The options, in the order of help.
  private(set) var options: [OptionDeclaration] = []
  /// The words without a flag, in the order they are written.
  private(set) var positionals: [PositionalDeclaration] = []
  /// What the parameters do to options of modules, each a `Setting`, in the order declared.
  private(set) var settings: [any Sendable] = []
  /// How many values a parsed command line holds.
  var slotCount = 0
  private var heading = "Options"

  /// Nothing declared yet.
  init() {}

  /// Puts the options that follow under a heading of their own in help.
  package mutating func heading(_ text: String) { heading = text }

  /// Adds a positional that an extension has put together.
  mutating func append(_ positional: PositionalDeclaration) { positionals.append(positional) }

  /// Adds what a parameter does to a module's options.
  mutating func append<Options>(_ setting: Setting<Options>) { settings.append(setting) }

  /// Declares a group that several commands share.
  package mutating func group<Group: ParameterSet>(_ type: Group.Type) -> Group {
    Group(declaring: &self)
  }
}

/// One option without its Swift type: what help, errors and completions need to know.
struct OptionDeclaration: Sendable {
  /// The long name without hyphens: `dry-run`.
  let name: String
  /// The one-letter name, where there is one.
  let short: Character?
  /// What it takes, nil for a switch.
  let value: ValueShape?
  /// True where it may be given several times.
  let isRepeatable: Bool
  /// One or two sentences for help, without a full stop at the end.
  let help: String
  /// What holds where it is not given, as written in help.
  let defaultText: String?
  /// The word that could be typed for what holds then; nil where there is none.
  let defaultWord: String?
  /// Environment variables that stand in for it.
  let environment: [String]
  /// The heading it stands under.
  let heading: String
  /// Where its value goes.
  let slot: Int
  /// Turns the words given into the value of its slot.
  let fill: Filler

  /// The long name as typed: `--dry-run`.
  var flag: String { "--\(name)" }
}

/// What an option takes.
struct ValueShape: Sendable {
  /// Stands for the value in help.
  let placeholder: String
  /// What a shell offers for it.
  let completion: CompletionHint
  /// True for numbers, which may begin with a minus sign.
  let isNumeric: Bool
  /// True for values that are never repeated in messages.
  let isSecret: Bool

  /// The shape of a value type.
  init<Value>(_ type: ValueType<Value>) {
    placeholder = type.placeholder
    completion = type.completion
    isNumeric = type.isNumeric
    isSecret = type.isSecret
  }
}

/// Turns the words of one parameter into a `Filled` value; empty where it was not given.
typealias Filler = @Sendable ([String]) throws(ParameterFault) -> any Sendable

/// A value in its slot; a type of its own, so that an optional inside survives the cast.
struct Filled<Value: Sendable>: Sendable {
  /// The value.
  let value: Value
}

/// Why the words given for one parameter do not make a value.
enum ParameterFault: Error, Equatable, Sendable {
  /// One word is not a value of its type.
  case invalid(word: String, ValueFault)
  /// Given twice, with values that differ.
  case conflicting(String, String)
  /// Not given, and nothing stands in for it.
  case missing
}

extension ValueType {
  /// Reads one word, keeping it for the message where it is refused.
  fileprivate func value(of word: String) throws(ParameterFault) -> Value {
    do { return try read(word) } catch { throw .invalid(word: word, error) }
  }

  /// Reads a parameter that has one value: given once, or several times alike.
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
  /// A switch: false unless given.
  package mutating func flag(
    _ name: String, short: Character? = nil, help: String
  ) -> Parameter<Bool> {
    addOption(name, short, nil, help: help) { words throws(ParameterFault) in
      Filled(value: !words.isEmpty)
    }
  }

  /// An option that has a value whether given or not.
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

  /// An option that may be left out; `otherwise` says in help what holds then.
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

  /// An option that may be given several times, in the order given.
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
