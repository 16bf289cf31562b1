/// All UUIDs that begin with the same digits.
struct IdentifierRange: Equatable {
  /// The smallest UUID of the range.
  let first: String
  /// The greatest UUID of the range.
  let last: String

  /// Reads an id, or at least the first four digits of an id, with or without hyphens; nil for any
  /// other text.
  init?(prefix: String) {
    let digits = prefix.lowercased().filter { $0 != "-" }
    guard (4...32).contains(digits.utf8.count),
      digits.utf8.allSatisfy({ (48...57).contains($0) || (97...102).contains($0) })
    else { return nil }
    let missing = 32 - digits.utf8.count
    first = digits + String(repeating: "0", count: missing)
    last = digits + String(repeating: "f", count: missing)
  }
}
