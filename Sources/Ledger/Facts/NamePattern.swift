/// A name, or a pattern for names: `*` stands for any characters, also for none, `?` for one
/// character, and the character after a backslash stands for itself.
package struct NamePattern: Sendable, Equatable {
  /// The pattern as it was given.
  package let text: String
  private let parts: [Part]

  private enum Part: Equatable {
    case scalar(Unicode.Scalar)
    case anyScalar
    case anyScalars
  }

  /// Reads a pattern; a backslash at the end stands for itself.
  package init(_ text: String) {
    self.text = text
    var parts: [Part] = []
    var isEscaped = false
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\\" where !isEscaped:
        isEscaped = true
        continue
      case "*" where !isEscaped: if parts.last != .anyScalars { parts.append(.anyScalars) }
      case "?" where !isEscaped: parts.append(.anyScalar)
      default: parts.append(.scalar(scalar))
      }
      isEscaped = false
    }
    if isEscaped { parts.append(.scalar("\\")) }
    self.parts = parts
  }

  /// Returns true where a name matches; names that differ only in their Unicode normalisation are
  /// two names.
  package func matches(_ name: String) -> Bool {
    let scalars = Array(name.unicodeScalars)
    var (part, place) = (0, 0)
    // After the latest `*`: the next part, and the place that this part was last tried at.
    var retry: (part: Int, place: Int)?
    while place < scalars.count {
      if part < parts.count, parts[part] == .anyScalars {
        part += 1
        retry = (part, place)
      } else if part < parts.count,
        parts[part] == .anyScalar || parts[part] == .scalar(scalars[place])
      {
        part += 1
        place += 1
      } else if let last = retry {
        part = last.part
        place = last.place + 1
        retry = (part, place)
      } else {
        return false
      }
    }
    return parts[part...].allSatisfy { $0 == .anyScalars }
  }

  /// Returns the pattern that matches this name alone.
  package static func escaped(_ name: String) -> String {
    String(name.flatMap { "*?\\".contains($0) ? ["\\", $0] : [$0] })
  }
}

/// A pattern for stores: a pattern for users, or for users and collections (`USER/COLLECTION`).
package struct StorePattern: Sendable, Equatable {
  /// The pattern as it was given.
  package let text: String
  /// The pattern for the names of users.
  package let user: NamePattern
  /// The pattern for the names of collections; nil for all collections.
  package let collection: NamePattern?

  /// Reads a pattern; names of users have no slash.
  package init(_ text: String) {
    self.text = text
    let parts = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
    user = NamePattern(String(parts[0]))
    collection = parts.count > 1 ? NamePattern(String(parts[1])) : nil
  }
}
