package import Messages

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
  /// No command has this name; `elsewhere` lists command lines in which the word would be right.
  case unknownCommand(word: String, commands: [String], elsewhere: [String])
  /// The first word is an option; `owners` are the commands that have the option.
  case optionBeforeCommand(flag: String, owners: [String])
  /// A command that only groups other commands was given without one of these other commands.
  case missingCommand(commands: [String])
  /// No option of this command has this name; `owners` are commands that have the option.
  case unknownOption(word: String, flags: [String], owners: [String])
  /// The value of an option is missing: another option follows, `next`, or nothing (`next` is nil).
  case missingValue(flag: String, placeholder: String, next: String?)
  /// A switch was given a value.
  case unexpectedValue(flag: String)
  /// A word is not a value of its parameter; the word is nil where it may be secret.
  case invalidValue(parameter: String, word: String?, ValueFault)
  /// An option with one value was given two different ones; both are nil where they may be secret.
  case conflictingValues(flag: String, first: String?, second: String?)
  /// There is one word too many; `program` is the program's name where the word is a command, which
  /// should come first, and nil otherwise.
  case surplus(word: String, program: String?)
  /// A word that must be given is missing; `choices` are the allowed words, empty for any word.
  case missingPositional(placeholder: String, choices: [String])
  /// Two options exclude each other; found when a command resolves its arguments.
  case incompatible(flag: String, with: String)
  /// An option has no effect without another; found when a command resolves its arguments.
  case dependent(flag: String, on: String)
  /// Something else that a command finds when it resolves its arguments, as its sentence.
  case other(Message)
}
