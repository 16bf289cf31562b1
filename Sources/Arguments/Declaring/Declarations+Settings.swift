/// The options of a module that a command line can set.
///
/// The help shows their defaults.
package protocol CommandOptions: Sendable {
  /// Creates the options with their defaults.
  init()
}

/// The effect that the value of a parameter has on the options of a module.
struct Setting<Options>: Sendable {
  /// The position of the parameter's value among the values of the command.
  let slot: Int
  /// Changes the options according to the parameter's value, which `filled` holds.
  let change: @Sendable (_ filled: any Sendable, _ options: inout Options) throws -> Void
}

extension Declarations {
  /// Declares that the value of a parameter goes into a property of a module's options.
  package mutating func set<Options, Value: Sendable>(
    _ path: any WritableKeyPath<Options, Value> & Sendable, by parameter: Parameter<Value>
  ) {
    set(path, by: parameter, as: { $0 })
  }

  /// Declares that the value of a parameter, converted by `convert`, goes into a property of a
  /// module's options.
  ///
  /// An error of `convert` is thrown later, by `ParsedArguments.filled`.
  package mutating func set<Options, Value: Sendable, Property>(
    _ path: any WritableKeyPath<Options, Property> & Sendable, by parameter: Parameter<Value>,
    as convert: @escaping @Sendable (Value) throws -> Property
  ) {
    change(Options.self, by: parameter) { value, options in
      options[keyPath: path] = try convert(value)
    }
  }

  private mutating func change<Options, Value: Sendable>(
    _ type: Options.Type, by parameter: Parameter<Value>,
    _ change: @escaping @Sendable (Value, inout Options) throws -> Void
  ) {
    append(
      Setting<Options>(slot: parameter.slot) { filled, options in
        guard let filled = filled as? Filled<Value> else {
          // A slot is filled only by the declaration of its own parameter.
          preconditionFailure(
            "slot \(parameter.slot) holds a value of another type than its parameter")
        }
        try change(filled.value, &options)
      })
  }
}

extension Declarations {
  /// Declares a switch that sets a property of a module's options to true.
  @discardableResult
  package mutating func flag<Options>(
    _ name: String, short: Character? = nil, help: String,
    sets path: any WritableKeyPath<Options, Bool> & Sendable
  ) -> Parameter<Bool> {
    flag(name, short: short, help: help, sets: path, to: true)
  }

  /// Declares a switch that sets a property of a module's options to `value`.
  @discardableResult
  package mutating func flag<Options, Property: Sendable>(
    _ name: String, short: Character? = nil, help: String,
    sets path: any WritableKeyPath<Options, Property> & Sendable, to value: Property
  ) -> Parameter<Bool> {
    let parameter = flag(name, short: short, help: help)
    change(Options.self, by: parameter) { isGiven, options in
      if isGiven { options[keyPath: path] = value }
    }
    return parameter
  }

  /// Declares an option that sets a property of a module's options.
  ///
  /// The default of the option is the default of the property.
  @discardableResult
  package mutating func option<Options: CommandOptions, Value>(
    _ name: String, short: Character? = nil, _ type: ValueType<Value>, help: String,
    sets path: any WritableKeyPath<Options, Value> & Sendable
  ) -> Parameter<Value> {
    let parameter = option(
      name, short: short, type, default: Options()[keyPath: path], help: help)
    set(path, by: parameter)
    return parameter
  }

  /// Declares an option that sets a property of a module's options.
  ///
  /// The default is given here, because the module's options have none.
  @discardableResult
  package mutating func option<Options, Value>(
    _ name: String, short: Character? = nil, _ type: ValueType<Value>, default value: Value,
    help: String, sets path: any WritableKeyPath<Options, Value> & Sendable
  ) -> Parameter<Value> {
    option(name, short: short, type, default: value, help: help, sets: path, as: { $0 })
  }

  /// Declares an option whose value is converted to another type for a property of a module's
  /// options.
  @discardableResult
  package mutating func option<Options, Value, Property>(
    _ name: String, short: Character? = nil, _ type: ValueType<Value>, default value: Value,
    help: String, sets path: any WritableKeyPath<Options, Property> & Sendable,
    as convert: @escaping @Sendable (Value) throws -> Property
  ) -> Parameter<Value> {
    let parameter = option(name, short: short, type, default: value, help: help)
    set(path, by: parameter, as: convert)
    return parameter
  }

  /// Declares an option that may be left out; the property that the option sets is then nil.
  @discardableResult
  package mutating func optional<Options, Value>(
    _ name: String, short: Character? = nil, _ type: ValueType<Value>, otherwise: String? = nil,
    help: String, sets path: any WritableKeyPath<Options, Value?> & Sendable
  ) -> Parameter<Value?> {
    let parameter = optional(name, short: short, type, otherwise: otherwise, help: help)
    set(path, by: parameter)
    return parameter
  }
}
