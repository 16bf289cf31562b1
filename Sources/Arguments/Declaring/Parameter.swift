/// The typed handle of one declared option or positional, by which its value is read.
///
/// Only `Declarations` creates handles, so that an undeclared parameter cannot be read.
package struct Parameter<Value: Sendable>: Sendable {
  /// The position of the value among the values of its command.
  let slot: Int

  /// Creates the handle of a slot; only `Declarations` calls this, for the parameter that is being
  /// declared.
  fileprivate init(slot: Int) { self.slot = slot }
}

extension Declarations {
  /// Creates the handle of the slot that is declared next.
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
  /// Declares every parameter and keeps its handle.
  init(declaring declare: inout Declarations)
}

/// The parameters of a command that has none.
package struct NoParameters: ParameterSet {
  /// Declares nothing.
  package init(declaring declare: inout Declarations) {}
}
