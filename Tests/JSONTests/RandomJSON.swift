import TestSupport

/// A JSON value that can be written in many ways.
indirect enum RandomJSON {
  case word(String)
  /// The number ± digits × 10^exponent.
  case number(isNegative: Bool, digits: String, exponent: Int)
  case string([Unicode.Scalar])
  case array([RandomJSON])
  case object([(key: [Unicode.Scalar], value: RandomJSON)])

  /// Returns a value with at most `depth` levels of containers.
  static func value(depth: Int, _ random: inout SeededGenerator) -> RandomJSON {
    switch Int.random(in: 0..<(depth > 0 ? 8 : 5), using: &random) {
    case 0: return .word(["null", "true", "false"].randomElement(using: &random) ?? "null")
    case 1, 2: return number(&random)
    case 3, 4: return .string(text(&random))
    case 5:
      return .array(
        (0..<Int.random(in: 0...4, using: &random)).map { _ in value(depth: depth - 1, &random) })
    default: return object(depth: depth, &random)
    }
  }

  /// Returns an object with different keys.
  static func object(depth: Int, _ random: inout SeededGenerator) -> RandomJSON {
    var keys: Set<[Unicode.Scalar]> = []
    let isLarge = Int.random(in: 0..<20, using: &random) == 0
    for _ in 0..<Int.random(in: 0...(isLarge ? 60 : 5), using: &random) {
      keys.insert(text(&random))
    }
    let ordered = keys.sorted { $0.lexicographicallyPrecedes($1) { $0.value < $1.value } }
    return .object(ordered.map { ($0, value(depth: depth - 1, &random)) })
  }

  private static func number(_ random: inout SeededGenerator) -> RandomJSON {
    let count = Int.random(in: 1...(Bool.random(using: &random) ? 3 : 40), using: &random)
    let digits = (0..<count).map { _ in Int.random(in: 0...9, using: &random) }
    return .number(
      isNegative: Bool.random(using: &random), digits: digits.map(String.init).joined(),
      exponent: Int.random(in: -30...30, using: &random))
  }

  private static func text(_ random: inout SeededGenerator) -> [Unicode.Scalar] {
    let ranges: [ClosedRange<UInt32>] = [
      0x61...0x7A, 0x61...0x7A, 0x20...0x7E, 1...0x1F, 0xA0...0x7FF, 0x800...0xD7FF,
      0xE000...0xFFFF, 0x10000...0x10FFFF,
    ]
    let isLong = Int.random(in: 0..<10, using: &random) == 0
    let range = ranges.randomElement(using: &random) ?? 0x61...0x7A
    return (0..<Int.random(in: 0...(isLong ? 80 : 8), using: &random)).compactMap { _ in
      let mixed = Bool.random(using: &random) ? range : ranges.randomElement(using: &random)
      return Unicode.Scalar(UInt32.random(in: mixed ?? range, using: &random))
    }
  }

  // MARK: Writing

  /// Returns the value as text with random white space, escapes, forms of numbers and order of
  /// keys.
  func text(_ random: inout SeededGenerator) -> String {
    switch self {
    case .word(let word): return word
    case .number(let isNegative, let digits, let exponent):
      return (isNegative ? "-" : "") + Self.spell(digits, exponent, &random)
    case .string(let scalars): return Self.quote(scalars, &random)
    case .array(let elements):
      let texts = elements.map { Self.space(&random) + $0.text(&random) + Self.space(&random) }
      return "[" + (texts.isEmpty ? Self.space(&random) : texts.joined(separator: ",")) + "]"
    case .object(let members):
      let texts = members.shuffled(using: &random).map { member in
        Self.space(&random) + Self.quote(member.key, &random) + Self.space(&random) + ":"
          + Self.space(&random) + member.value.text(&random) + Self.space(&random)
      }
      return "{" + (texts.isEmpty ? Self.space(&random) : texts.joined(separator: ",")) + "}"
    }
  }

  private static func space(_ random: inout SeededGenerator) -> String {
    ["", "", "", " ", "\n  ", "\t", "\r\n", "\n            "].randomElement(using: &random) ?? ""
  }

  /// Returns a form of digits × 10^exponent: moves the point, adds zeros, and writes the exponent.
  private static func spell(
    _ digits: String, _ exponent: Int, _ random: inout SeededGenerator
  ) -> String {
    var digits = digits
    var exponent = exponent
    for _ in 0..<Int.random(in: 0...3, using: &random) {
      digits += "0"
      exponent -= 1
    }
    let behind = Int.random(in: 0..<digits.count, using: &random)
    exponent += behind
    var whole = String(digits.dropLast(behind).drop { $0 == "0" })
    if whole.isEmpty { whole = "0" }
    let fraction = behind > 0 ? "." + digits.suffix(behind) : ""
    if exponent == 0, Bool.random(using: &random) { return whole + fraction }
    let sign = exponent < 0 ? "-" : (Bool.random(using: &random) ? "+" : "")
    let letter = Bool.random(using: &random) ? "e" : "E"
    return whole + fraction + letter + sign + String(exponent.magnitude)
  }

  private static func quote(
    _ scalars: [Unicode.Scalar], _ random: inout SeededGenerator
  ) -> String {
    var text = "\""
    let escapesOften = Int.random(in: 0..<4, using: &random) == 0
    for scalar in scalars {
      let short = [8: "b", 9: "t", 10: "n", 12: "f", 13: "r", 34: "\"", 92: "\\", 47: "/"][
        scalar.value]
      if let short, Bool.random(using: &random) {
        text += "\\" + short
      } else if scalar.value < 0x20 || scalar == "\"" || scalar == "\\" || escapesOften {
        for unit in String(scalar).utf16 { text += escape(unit, &random) }
      } else {
        text.unicodeScalars.append(scalar)
      }
    }
    return text + "\""
  }

  private static func escape(_ unit: UInt16, _ random: inout SeededGenerator) -> String {
    let digits = String(unit, radix: 16, uppercase: Bool.random(using: &random))
    return "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
  }

  // MARK: Changing

  /// The number of scalars and containers in the value.
  var count: Int {
    switch self {
    case .array(let elements): 1 + elements.reduce(0) { $0 + $1.count }
    case .object(let members): 1 + members.reduce(0) { $0 + $1.value.count }
    default: 1
    }
  }

  /// Returns the value with its part number `place`, counted from the outside, changed.
  func changed(at place: Int) -> RandomJSON {
    var place = place
    return changed(&place)
  }

  private func changed(_ place: inout Int) -> RandomJSON {
    let isHere = place == 0
    place -= 1
    switch self {
    case .word(let word):
      return isHere ? .word(word == "null" ? "false" : "null") : self
    case .number(let isNegative, let digits, let exponent):
      // One more unit in the place after the last digit makes another number.
      return isHere
        ? .number(isNegative: isNegative, digits: digits + "1", exponent: exponent - 1) : self
    case .string(let scalars):
      return isHere ? .string(scalars + ["x"]) : self
    case .array(let elements):
      return .array(isHere ? elements + [.word("null")] : elements.map { $0.changed(&place) })
    case .object(let members):
      if isHere { return .object(members + [(Array(repeating: "k", count: 90), .word("null"))]) }
      return .object(members.map { ($0.key, $0.value.changed(&place)) })
    }
  }
}
