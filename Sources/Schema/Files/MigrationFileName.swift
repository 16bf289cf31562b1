/// The name of a migration's file: number or timestamp, name, and which way it goes.
struct MigrationFileName: Equatable {
  enum Way { case both, up, down }

  let version: String
  let name: String
  let way: Way

  /// Reads `0001_name.sql`, `0001_name.up.sql` or `0001_name.down.sql`; nil for any other name.
  init?(_ file: String) {
    guard file.hasSuffix(".sql") else { return nil }
    var stem = file.dropLast(".sql".count)
    if stem.hasSuffix(".up") {
      way = .up
      stem = stem.dropLast(".up".count)
    } else if stem.hasSuffix(".down") {
      way = .down
      stem = stem.dropLast(".down".count)
    } else {
      way = .both
    }
    let digits = stem.prefix { $0.isASCII && $0.isNumber }
    let rest = stem.dropFirst(digits.count)
    guard !digits.isEmpty, digits.count <= 40, rest.first == "_", rest.count > 1 else { return nil }
    version = String(digits)
    name = String(rest.dropFirst())
  }
}

/// Orders versions as numbers of any length: 9 comes before 10, and 007 is 7.
func versionPrecedes(_ left: String, _ right: String) -> Bool {
  let (a, b) = (left.drop { $0 == "0" }, right.drop { $0 == "0" })
  return a.count == b.count ? a < b : a.count < b.count
}

/// True where both are the same number.
func versionsEqual(_ left: String, _ right: String) -> Bool {
  left.drop { $0 == "0" } == right.drop { $0 == "0" }
}
