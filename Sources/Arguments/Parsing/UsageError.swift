package import Messages

/// An error in a command line, as facts; the property `message` turns the facts into a sentence.
package struct UsageError: Error, Equatable, Sendable {
  /// The words of the command in which the error is; empty for the program itself.
  package let path: [String]
  /// The fault of the command line, from which the message is made.
  package let fault: UsageFault

  /// Creates an error from a fault of the command at `path`.
  package init(path: [String], fault: UsageFault) {
    self.path = path
    self.fault = fault
  }
}

/// The faults that a command line can have.
package enum UsageFault: Error, Equatable, Sendable {
  /// No command has this name; `elsewhere` lists command lines in which the word would be right.
  case unknownCommand(word: String, commands: [String], elsewhere: [String])
  /// The first word is an option; `owners` are the commands that have the option.
  case optionBeforeCommand(flag: String, owners: [String])
  /// A command that only groups other commands is given without one of `commands`.
  case missingCommand(commands: [String])
  /// No option of this command has this name; `owners` are commands that have the option.
  case unknownOption(word: String, flags: [String], owners: [String])
  /// The value of an option is missing; `next` is the option that stands in its place, nil at the
  /// end.
  case missingValue(flag: String, placeholder: String, next: String?)
  /// A switch is given with a value.
  case unexpectedValue(flag: String)
  /// The word is no value of the parameter's type; `word` is nil where the value may be secret.
  case invalidValue(parameter: String, word: String?, ValueFault)
  /// An option that takes one value is given with two different values; both are nil where they may
  /// be secret.
  case conflictingValues(flag: String, first: String?, second: String?)
  /// There is one word too many.
  ///
  /// Where the word is a command, which must come first, `program` is the program's name; otherwise
  /// `program` is nil.
  case surplus(word: String, program: String?)
  /// A word that must be given is missing; `choices` are the allowed words, empty where any word is
  /// allowed.
  case missingPositional(placeholder: String, choices: [String])
  /// Two options that exclude each other are given; the command itself checks this.
  case incompatible(flag: String, with: String)
  /// An option is given without another that it needs; the command itself checks this.
  case dependent(flag: String, on: String)
  /// A fault that the command itself finds in its arguments, as a complete sentence.
  case other(Message)
}
