extension Declarations {
  /// Reads all words as values of the types that were declared; this is the second phase of
  /// parsing.
  func values(of raw: RawArguments) throws(UsageFault) -> ParsedValues {
    var filled: [Int: (value: any Sendable, words: [String])] = [:]
    for option in options {
      let words = raw.options[option.name] ?? []
      do {
        filled[option.slot] = (try option.fill(words), words)
      } catch {
        throw option.usageFault(error)
      }
    }
    var rest = raw.positionals[...]
    for positional in positionals {
      let words =
        [.required, .optional].contains(positional.arity) ? Array(rest.prefix(1)) : Array(rest)
      rest = rest.dropFirst(words.count)
      do {
        filled[positional.slot] = (try positional.fill(words), words)
      } catch {
        throw positional.usageFault(error)
      }
    }
    var values = ParsedValues()
    for slot in 0..<slotCount {
      guard let (value, words) = filled[slot] else {
        // Every slot is created together with the declaration that fills it.
        preconditionFailure("nothing was declared for slot \(slot)")
      }
      values.append(value, words: words)
    }
    return values
  }
}

extension OptionDeclaration {
  /// Turns the fault into one that names this option, without the values of a secret option.
  fileprivate func usageFault(_ fault: ParameterFault) -> UsageFault {
    let isSecret = value?.isSecret ?? false
    switch fault {
    case .invalid(let word, let why):
      return .invalidValue(parameter: flag, word: isSecret ? nil : word, why)
    case .conflicting(let first, let second):
      return .conflictingValues(
        flag: flag, first: isSecret ? nil : first, second: isSecret ? nil : second)
    case .missing:
      return .missingValue(flag: flag, placeholder: value?.placeholder ?? "", next: nil)
    }
  }
}

extension PositionalDeclaration {
  /// Turns the fault into one that names this positional.
  fileprivate func usageFault(_ fault: ParameterFault) -> UsageFault {
    switch fault {
    case .invalid(let word, let why):
      return .invalidValue(parameter: placeholder, word: word, why)
    case .conflicting(_, let second):
      return .surplus(word: second, program: nil)
    case .missing:
      if case .choices(let choices) = completion {
        return .missingPositional(placeholder: placeholder, choices: choices)
      }
      return .missingPositional(placeholder: placeholder, choices: [])
    }
  }
}
