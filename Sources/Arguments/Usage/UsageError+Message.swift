package import Messages

extension UsageError {
  /// The error as a sentence for the operator, without the program's name and without a full stop.
  package var message: Message {
    switch fault {
    case .unknownCommand(let word, let commands, let elsewhere):
      return unknownCommand(word, commands, elsewhere)
    case .optionBeforeCommand(let flag, let owners):
      return "\(flag) needs a command before it, one of those that have this option: "
        + listed(few(owners))
    case .missingCommand(let commands):
      return "'\(words)' needs a command: \(listed(commands))"
    case .unknownOption(let word, let flags, let owners):
      return unknownOption(word, flags, owners)
    case .missingValue(let flag, let placeholder, let next):
      let missing: Message = "\(flag) needs a value (\(placeholder))"
      guard let next else { return missing }
      return missing + ", but '\(shown(next))' follows; if that word is the value, write "
        + "\(flag.hasPrefix("--") ? "\(flag)=" : flag)\(shown(next))"
    case .unexpectedValue(let flag):
      return "\(flag) is a switch and takes no value"
    case .invalidValue(let parameter, let word, let why):
      return invalidValue(parameter, word, why)
    case .conflictingValues(let flag, let first?, let second?):
      return "\(flag) is given twice, with '\(shown(first))' and '\(shown(second))'"
    case .conflictingValues(let flag, _, _):
      return "\(flag) is given twice, with values that differ"
    case .surplus(let word, let program?):
      return "'\(word)' is a command and must come first: \(program) \(word) …"
    case .surplus(let word, nil):
      return "'\(shown(word))' is one word too many"
    case .missingPositional(let placeholder, let choices):
      return choices.isEmpty
        ? "\(placeholder) is missing" : "\(placeholder) is missing: \(listed(choices))"
    case .incompatible(let flag, let other):
      return "\(flag) cannot be used together with \(other)"
    case .dependent(let flag, let other):
      return "\(flag) has no effect without \(other)"
    case .other(let sentence):
      return sentence
    }
  }

  /// The words that show the help, as an operator types them after the program's name.
  package var helpLine: Message { path.isEmpty ? "--help" : "\(words) --help" }

  private var words: String { path.joined(separator: " ") }

  private func unknownCommand(
    _ word: String, _ commands: [String], _ elsewhere: [String]
  ) -> Message {
    let group: Message = path.isEmpty ? "" : " of '\(words)'"
    let unknown: Message = "'\(shown(word))' is not a command" + group
    let near = elsewhere.isEmpty ? Suggestion.nearest(to: word, among: commands) : elsewhere
    if !near.isEmpty { return unknown + didYouMean(near) }
    return commands.isEmpty ? unknown : "\(unknown): \(listed(commands))"
  }

  private func unknownOption(_ word: String, _ flags: [String], _ owners: [String]) -> Message {
    let place: Message = path.isEmpty ? "" : " of '\(words)'"
    let unknown: Message = "\(shown(word)) is not an option" + place
    if !owners.isEmpty {
      return unknown + "; it belongs to " + listed(owners.map { "'\($0)'" }, last: "and")
    }
    let near = Suggestion.nearest(to: word, among: flags)
    return near.isEmpty ? unknown : unknown + didYouMean(near)
  }

  private func invalidValue(_ parameter: String, _ word: String?, _ why: ValueFault) -> Message {
    let subject: Message = word.map { "\(parameter) '\(shown($0))'" } ?? "the value of \(parameter)"
    switch why {
    case .empty:
      return "\(parameter) is given an empty value"
    case .notAmong(let allowed):
      let known: Message = "\(subject) is not known: "
      let near = Suggestion.nearest(to: word ?? "", among: allowed)
      return known + listed(allowed) + (near.isEmpty ? "" : didYouMean(near))
    case .notWhole(let allowed):
      return "\(subject) is not a whole number: \(allowed)"
    case .notNumber(let allowed):
      return "\(subject) is not a number: \(allowed)"
    case .outside(let allowed):
      return "\(subject) is out of range: \(allowed)"
    case .notFileName:
      return "\(subject) is not a valid file name: use at most 200 letters and digits"
    }
  }

  private func didYouMean(_ near: [String]) -> Message { "; did you mean " + listed(near) + "?" }

  /// Puts the commands in quotes; of more than four, returns the first four and the word `others`.
  private func few(_ commands: [String]) -> [String] {
    let shown = commands.prefix(4).map { "'\($0)'" }
    return commands.count > 4 ? shown + ["others"] : shown
  }

  /// Joins words into a list for a sentence: `a, b or c`.
  private func listed(_ words: [String], last: String = "or") -> Message {
    guard let final = words.last, words.count > 1 else { return "\(words.first ?? "")" }
    return "\(words.dropLast().joined(separator: ", ")) \(last) \(final)"
  }
}

/// Returns a word as a message may show it: without passwords, and at most 80 characters long.
private func shown(_ word: String) -> String {
  let safe = withoutPassword(word)
  return safe.count > 80 ? safe.prefix(79) + "…" : safe
}

/// Removes a password from a word, because people type addresses of databases in the wrong place.
///
/// The address of a database becomes `postgres://app:***@host/db`. A connection string with a
/// password becomes its first keyword: `host…`.
func withoutPassword(_ word: String) -> String {
  if word.lowercased().contains("password"), word.contains("=") {
    return withoutPassword(String(word.prefix { $0 != "=" && $0 != "?" && $0 != " " })) + "…"
  }
  let parts = word.split(separator: "://", maxSplits: 1, omittingEmptySubsequences: false)
  guard parts.count == 2, let at = parts[1].lastIndex(of: "@") else { return word }
  let user = parts[1][..<at].prefix { $0 != ":" }
  let password = user.count < parts[1][..<at].count ? ":***" : ""
  return "\(parts[0])://\(user)\(password)\(parts[1][at...])"
}
