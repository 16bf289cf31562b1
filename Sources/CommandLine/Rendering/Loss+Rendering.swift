internal import Messages
internal import JSON
internal import Schema

extension Loss {
  /// The sentence that names the lost things and their number.
  var message: Message {
    let more: Message = detail.map { " (\($0))" } ?? ""
    return switch kind {
    case .table: "\(name, .bold) is lost" + amount("row") + more
    case .column: "\(name, .bold) is lost" + amount("value") + more
    case .rows: "\(name, .bold) are lost" + amount("row", with: ": ") + more
    case .values: "\(name, .bold) are overwritten" + amount("row", with: " in ") + more
    case .object:
      // The only name of this kind that is a plural.
      name == "large objects"
        ? "\(name, .bold) are lost" + amount("piece", with: ": ") + more
        : "\(name, .bold) is lost" + amount("piece") + more
    case .meaning: "\(name, .bold) changes" + more
    }
  }

  private func amount(_ thing: String, with word: Message = " with its ") -> Message {
    switch count {
    case .none: ""
    case .exactly(let number): word + "\(counted(number, thing))"
    case .about(let number): word + "about \(counted(number, thing))"
    case .unknown: word + "\(thing)s, how many is not known"
    }
  }

  /// Returns the loss as `--json` shows it.
  func json(_ step: SchemaPlan.Step, isAllowed: Bool) -> JSONValue {
    let number: Int? =
      switch count {
      case .none, .unknown: nil
      case .exactly(let number), .about(let number): number
      }
    let isEstimate = if case .about = count { true } else { false }
    return [
      "name": .string(name), "kind": .string(kind.rawValue), "count": JSONValue(number),
      "is_estimate": .bool(isEstimate), "is_unknown": .bool(count == .unknown),
      "detail": JSONValue(detail), "version": .string(step.version),
      "way": .string(step.isUp ? "up" : "down"), "allowed": .bool(isAllowed),
    ]
  }
}

extension UnknownLoss {
  /// Returns the place where losses are not known, as `--json` shows it.
  func json(_ step: SchemaPlan.Step, isAllowed: Bool) -> JSONValue {
    [
      "name": .string(name), "reason": .string(reason), "version": .string(step.version),
      "way": .string(step.isUp ? "up" : "down"), "allowed": .bool(isAllowed),
    ]
  }
}
