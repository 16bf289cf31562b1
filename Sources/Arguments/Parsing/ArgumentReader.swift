/// The words of one command line, assigned to their parameters but not yet read as values.
struct RawArguments: Equatable, Sendable {
  /// The words that were given for each option, by the option's name.
  ///
  /// A switch has one empty word for each time that it was given.
  var options: [String: [String]] = [:]
  /// The words that belong to no option.
  var positionals: [String] = []
  /// The option `--help` or `--version`; nil where neither is given.
  var standard: StandardOption?
}

/// The first phase of parsing, which assigns words to parameters and reads no values.
struct ArgumentReader {
  private let declarations: Declarations
  private let program: String
  private let commands: [String]
  private let owners: (String) -> [String]
  private var words: ArraySlice<String> = []
  private var raw = RawArguments()

  /// Creates a reader for one command.
  ///
  /// - Parameters:
  ///   - program: the name of the program.
  ///   - commands: the names of the program's commands, to recognize a command in the wrong place.
  ///   - owners: returns the commands that have an option of the given name.
  init(
    _ declarations: Declarations, program: String, commands: [String],
    owners: @escaping (String) -> [String]
  ) {
    self.declarations = declarations
    self.program = program
    self.commands = commands
    self.owners = owners
  }

  /// Assigns the words that follow the command to the command's parameters.
  mutating func read(_ given: ArraySlice<String>) throws(UsageFault) -> RawArguments {
    if declarations.passesThrough {
      raw.positionals = Array(given)
      return raw
    }
    words = given
    while let word = words.popFirst() {
      if word == "--" {
        for positional in words { try addPositional(positional) }
        break
      }
      try readWord(word)
    }
    return raw
  }

  private mutating func readWord(_ word: String) throws(UsageFault) {
    if let standard = StandardOption(word: word) {
      raw.standard = raw.standard ?? standard
    } else if word.hasPrefix("--") {
      try readLong(word)
    } else if looksLikeOption(word) {
      try readShort(word)
    } else {
      try addPositional(word)
    }
  }

  /// Reads a long option: `--flag`, `--flag value` or `--flag=value`.
  private mutating func readLong(_ word: String) throws(UsageFault) {
    let parts = word.dropFirst(2).split(
      separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
    let name = String(parts[0])
    guard let option = declarations.options.first(where: { $0.name == name }) else {
      throw unknown("--\(name)")
    }
    guard let value = option.value else {
      if parts.count > 1 { throw .unexpectedValue(flag: option.flag) }
      return give("", to: option)
    }
    if parts.count > 1 { return give(String(parts[1]), to: option) }
    give(try nextValue(for: option.flag, value), to: option)
  }

  /// Reads short options: `-q`, several switches as `-qy`, `-u value`, `-uvalue` or `-u=value`.
  private mutating func readShort(_ word: String) throws(UsageFault) {
    var letters = word.dropFirst()
    guard word.hasPrefix("-") else { throw unknown(word) }
    while let letter = letters.popFirst() {
      if let standard = StandardOption(word: "-\(letter)") {
        raw.standard = raw.standard ?? standard
        continue
      }
      guard let option = declarations.options.first(where: { $0.short == letter }) else {
        throw unknown(word)
      }
      guard let value = option.value else {
        give("", to: option)
        continue
      }
      if letters.isEmpty {
        give(try nextValue(for: "-\(letter)", value), to: option)
      } else {
        give(String(letters.first == "=" ? letters.dropFirst() : letters), to: option)
      }
      return
    }
  }

  /// Takes the next word as the value of an option, and refuses a word that looks like an option:
  /// `--user --dry-run` names no user.
  private mutating func nextValue(
    for flag: String, _ value: ValueShape
  ) throws(UsageFault) -> String {
    guard let next = words.first else {
      throw .missingValue(flag: flag, placeholder: value.placeholder, next: nil)
    }
    let isNegative = value.isNumeric && Double(next) != nil
    if next.hasPrefix("-") && next != "-" && !isNegative {
      throw .missingValue(flag: flag, placeholder: value.placeholder, next: next)
    }
    words.removeFirst()
    return next
  }

  private mutating func give(_ word: String, to option: OptionDeclaration) {
    raw.options[option.name, default: []].append(word)
  }

  private mutating func addPositional(_ word: String) throws(UsageFault) {
    let takesAll = declarations.positionals.contains { $0.arity == .list }
    guard takesAll || raw.positionals.count < declarations.positionals.count else {
      throw .surplus(word: word, program: commands.contains(word) ? program : nil)
    }
    raw.positionals.append(word)
  }

  private func unknown(_ word: String) -> UsageFault {
    .unknownOption(word: word, flags: declarations.flags, owners: owners(word))
  }
}

/// True where the word begins with a hyphen, or with a dash as word processors write it, and has
/// further characters.
func looksLikeOption(_ word: String) -> Bool {
  guard let first = word.first, word.count > 1 else { return false }
  return first == "-" || first == "\u{2013}" || first == "\u{2014}"
}

extension Declarations {
  /// The flags of all options, including the standard options.
  var flags: [String] { options.map(\.flag) + StandardOption.allCases.map(\.flag) }
}
