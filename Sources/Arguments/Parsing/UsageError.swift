/// A command line that cannot be carried out, as facts; `message` makes the sentence.
package struct UsageError: Error, Equatable, Sendable {
  /// The words of the command it was meant for, empty for the program itself.
  package let path: [String]
  /// What is wrong.
  package let fault: UsageFault

  /// A fault of the command at a path.
  package init(path: [String], fault: UsageFault) {
    self.path = path
    self.fault = fault
  }
}

/// What can be wrong with a command line.
package enum UsageFault: Error, Equatable, Sendable {
  /// No command has this name; `elsewhere` is what has it in another place.
  case unknownCommand(word: String, commands: [String], elsewhere: [String])
  /// The first word is an option; `owners` are the commands that have it.
  case optionBeforeCommand(flag: String, owners: [String])
  /// A command that only leads to others stands alone.
  case missingCommand(commands: [String])
  /// No option of this command has this name; `owners` are commands that have one.
  case unknownOption(word: String, flags: [String], owners: [String])
  /// Nothing, or another option (`next`), stands where the value should.
  case missingValue(flag: String, placeholder: String, next: String?)
  /// A switch was given a value.
  case unexpectedValue(flag: String)
  /// A word that is not a value of its parameter; nil where it may be secret.
  case invalidValue(parameter: String, word: String?, ValueFault)
  /// An option with one value was given two; nil where they may be secret.
  case conflictingValues(flag: String, first: String?, second: String?)
  /// A word too many; `program` has the program's name where it names one of its commands, which
  /// should stand first.
  case surplus(word: String, program: String?)
  /// A word is missing.
  case missingPositional(placeholder: String, choices: [String])
  /// Two options that exclude each other, found when a command resolves its arguments.
  case incompatible(flag: String, with: String)
  /// An option that says nothing without another, found there as well.
  case dependent(flag: String, on: String)
}
