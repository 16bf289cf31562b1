/// The parts of a migration file's name: number or timestamp, name, and direction.
struct MigrationFileName: Equatable {
  enum Way { case both, up, down }

  let version: String
  let name: String
  let way: Way

  /// Reads a name such as `0001_name.sql`, `0001_name.up.sql` or `0001_name.down.sql`; nil for any
  /// other name.
  ///
  /// - Parameter allowsHyphen: true where `0001-name.sql` is accepted, too.
  init?(_ file: String, allowsHyphen: Bool = false) {
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
    let isSeparated = rest.first == "_" || allowsHyphen && rest.first == "-"
    guard !digits.isEmpty, digits.count <= 40, isSeparated, rest.count > 1 else { return nil }
    version = String(digits)
    name = String(rest.dropFirst())
  }
}

/// Returns true where the first version comes before the second; the numbers between the dots are
/// compared one after the other.
///
/// 9 comes before 10, 007 is the same as 7, and 1.9 comes before 1.10. A version that is not a
/// number (the name of a repeatable migration) comes last.
package func versionPrecedes(_ left: String, _ right: String) -> Bool {
  guard let a = versionParts(left), let b = versionParts(right) else {
    let isNumber = (versionParts(left) != nil, versionParts(right) != nil)
    return isNumber.0 == isNumber.1 ? left < right : isNumber.0
  }
  for place in 0..<max(a.count, b.count) {
    let (x, y) = (place < a.count ? a[place] : "", place < b.count ? b[place] : "")
    if x != y { return x.count == y.count ? x < y : x.count < y.count }
  }
  return false
}

/// Returns true where both versions are the same, such as 7 and 007.
package func versionsEqual(_ left: String, _ right: String) -> Bool {
  left == right || !versionPrecedes(left, right) && !versionPrecedes(right, left)
}

/// Splits a version at its dots into numbers without leading zeros; nil where the version is not a
/// number.
private func versionParts(_ version: String) -> [Substring]? {
  let parts = version.split(separator: ".", omittingEmptySubsequences: false)
  guard parts.allSatisfy({ !$0.isEmpty && $0.allSatisfy { $0.isASCII && $0.isNumber } }) else {
    return nil
  }
  return parts.map { $0.drop { $0 == "0" } }
}
