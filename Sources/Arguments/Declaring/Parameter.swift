/// A key with which a command reads the value of one option or positional that it has declared.
///
/// Only `Declarations` creates these keys, so that no command can read an undeclared parameter.
package struct Parameter<Value: Sendable>: Sendable {
  /// The position of the value among the values of the command.
  let slot: Int

  /// Creates the key of the value at the position `slot`.
  ///
  /// Only `Declarations` calls this, for the parameter that is being declared.
  fileprivate init(slot: Int) { self.slot = slot }
}

extension Declarations {
  /// Creates the key of the parameter that is declared next.
  mutating func nextParameter<Value>(of type: Value.Type) -> Parameter<Value> {
    defer { slotCount += 1 }
    return Parameter(slot: slotCount)
  }
}

/// The parameters of one command, or of a group that several commands share.
///
///     struct StatusOptions: ParameterSet {
///       let json: Parameter<Bool>
///
///       init(declaring declare: inout Declarations) {
///         json = declare.flag("json", help: "Print one JSON document to standard output")
///       }
///     }
package protocol ParameterSet: Sendable {
  /// Declares every parameter and keeps its key.
  init(declaring declare: inout Declarations)
}

/// The parameters of a command that has no parameters.
package struct NoParameters: ParameterSet {
  /// Declares nothing.
  package init(declaring declare: inout Declarations) {}
}
