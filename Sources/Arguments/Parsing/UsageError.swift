/// A command line that cannot be executed, as facts; `message` makes the sentence.
package struct UsageError: Error, Equatable, Sendable {
  /// The words of the command that was meant, empty for the program itself.
  package let path: [String]
  /// The fault that was found; the message is made from it.
  package let fault: UsageFault

  /// Creates an error from a fault of the command at a path.
  package init(path: [String], fault: UsageFault) {
    self.path = path
    self.fault = fault
  }
}

/// The faults of a command line.
package enum UsageFault: Error, Equatable, Sendable {
  /// No command has this name; `elsewhere` lists where the name is known.
  case unknownCommand(word: String, commands: [String], elsewhere: [String])
  /// The first word is an option; `owners` are the commands that have the option.
  case optionBeforeCommand(flag: String, owners: [String])
  /// A command that only groups other commands was given without one of them.
  case missingCommand(commands: [String])
  /// No option of this command has this name; `owners` are commands that have the option.
  case unknownOption(word: String, flags: [String], owners: [String])
  /// The value is missing: nothing, or another option (`next`), comes in its place.
  case missingValue(flag: String, placeholder: String, next: String?)
  /// A switch was given a value.
  case unexpectedValue(flag: String)
  /// A word is not a value of its parameter; the word is nil where it may be secret.
  case invalidValue(parameter: String, word: String?, ValueFault)
  /// An option with one value was given two; they are nil where they may be secret.
  case conflictingValues(flag: String, first: String?, second: String?)
  /// There is one word too many; `program` is the program's name where the word names one of its
  /// commands, which should come first.
  case surplus(word: String, program: String?)
  /// A word is missing.
  case missingPositional(placeholder: String, choices: [String])
  /// Two options exclude each other; found when a command resolves its arguments.
  case incompatible(flag: String, with: String)
  /// An option has no effect without another; found when a command resolves its arguments.
  case dependent(flag: String, on: String)
}
