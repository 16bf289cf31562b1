/// The values of one command line; a slot is the position of a value.
struct ParsedValues: Sendable {
  private var values: [any Sendable] = []
  private var given: [[String]] = []

  /// Appends the value of the next slot, and the words that were given for the value.
  mutating func append(_ value: any Sendable, words: [String]) {
    values.append(value)
    given.append(words)
  }

  /// The value of a slot, in a `Filled` box.
  subscript(slot slot: Int) -> any Sendable { values[slot] }

  /// Returns the words that were given for a slot.
  func words(slot: Int) -> [String] { given[slot] }

  /// The value of a parameter.
  subscript<Value>(parameter: Parameter<Value>) -> Value {
    guard let filled = values[parameter.slot] as? Filled<Value> else {
      // A slot is filled by the closure that was declared with its parameter, of the same type.
      preconditionFailure("slot \(parameter.slot) holds a value of another type than its parameter")
    }
    return filled.value
  }

  /// True where the command line contains the parameter, false where the default is used.
  func isGiven<Value>(_ parameter: Parameter<Value>) -> Bool { !given[parameter.slot].isEmpty }
}

/// The arguments of one command, which are read by the names of its parameters: `arguments.dryRun`.
///
/// A command can read only the parameters that its own `ParameterSet` has declared.
@dynamicMemberLookup
package struct ParsedArguments<Parameters: ParameterSet>: Sendable {
  private let parameters: Parameters
  let declarations: Declarations
  let values: ParsedValues

  /// Creates the arguments from parameters and the values that were read for them.
  init(parameters: Parameters, declarations: Declarations, values: ParsedValues) {
    self.parameters = parameters
    self.declarations = declarations
    self.values = values
  }

  /// The value of one parameter.
  package subscript<Value>(dynamicMember path: KeyPath<Parameters, Parameter<Value>>) -> Value {
    values[parameters[keyPath: path]]
  }

  /// The arguments of a group that several commands share.
  package subscript<Group: ParameterSet>(
    dynamicMember path: KeyPath<Parameters, Group>
  ) -> ParsedArguments<Group> {
    ParsedArguments<Group>(
      parameters: parameters[keyPath: path], declarations: declarations, values: values)
  }

  /// True where the command line contains the parameter, false where the default is used.
  package func isGiven<Value>(_ path: KeyPath<Parameters, Parameter<Value>>) -> Bool {
    values.isGiven(parameters[keyPath: path])
  }
}
