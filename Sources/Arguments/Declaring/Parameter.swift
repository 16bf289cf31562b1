/// The typed handle of one declared option or positional: what was declared is what is read.
///
/// Only `Declarations` makes one, so a parameter that nobody declared cannot be asked for.
package struct Parameter<Value: Sendable>: Sendable {
  /// Where the value stands among those of its command.
  let slot: Int

  /// Called by `Declarations` alone, with the slot it has just filled.
  fileprivate init(slot: Int) { self.slot = slot }
}

extension Declarations {
  /// Hands out the handle of the slot declared next.
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

/// The parameters of a command that takes none.
package struct NoParameters: ParameterSet {
  /// Declares nothing.
  package init(declaring declare: inout Declarations) {}
}
