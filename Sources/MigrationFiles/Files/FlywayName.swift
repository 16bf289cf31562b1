/// The name of a file in Flyway's form: `V1.2__add_users.sql`.
struct FlywayName: Equatable {
  package enum Kind: Character {
    case versioned = "V", undo = "U", repeatable = "R", baseline = "B"
  }

  let kind: Kind
  /// The version with its parts joined by dots, without needless zeros.
  ///
  /// For a repeatable migration, the file's name without `.sql`, which comes after all numbers.
  let version: String
  /// The name of the migration: the text after the two underscores.
  let name: String

  init?(_ file: String) {
    guard file.hasSuffix(".sql"), let kind = file.first.flatMap(Kind.init(rawValue:)) else {
      return nil
    }
    let stem = file.dropFirst().dropLast(".sql".count)
    guard let gap = stem.firstRange(of: "__"), gap.upperBound < stem.endIndex else { return nil }
    self.kind = kind
    name = String(stem[gap.upperBound...])
    let number = stem[..<gap.lowerBound]
    if kind == .repeatable {
      guard number.isEmpty else { return nil }
      version = String(file.dropLast(".sql".count))
    } else {
      guard let version = Self.plain(number) else { return nil }
      self.version = version
    }
  }

  /// Returns a version in one form: `01_2.0` becomes `1.2`; nil for a text that is not a version.
  private static func plain(_ number: Substring) -> String? {
    var parts: [Substring] = []
    for part in number.split(
      omittingEmptySubsequences: false, whereSeparator: { $0 == "." || $0 == "_" })
    {
      guard !part.isEmpty, part.count <= 40, part.allSatisfy({ $0.isASCII && $0.isNumber }) else {
        return nil
      }
      let digits = part.drop { $0 == "0" }
      parts.append(digits.isEmpty ? "0" : digits)
    }
    while parts.count > 1, parts.last == "0" { parts.removeLast() }
    return parts.joined(separator: ".")
  }
}
