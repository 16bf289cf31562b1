internal import Ledger
internal import Messages
internal import Stores

/// The failures of a run's stores, grouped by their reasons: stores whose reasons differ only in
/// numbers and in their own names are one group.
struct FailureGroups {
  /// The stores whose failures have one form.
  struct Group {
    /// The failure of the first store.
    let failure: Failure
    /// The stores of the group.
    fileprivate(set) var stores: [StoreName]
    /// All reasons of the group.
    fileprivate(set) var reasons: Set<String>
  }

  /// The largest number of groups that are shown with their remedies.
  private static let shownGroups = 10
  /// The largest number of stores that one group names.
  private static let shownStores = 20
  /// The largest number of lines for the stores of other groups.
  private static let shownLines = 20

  /// The groups, the largest first.
  private(set) var groups: [Group]

  /// Groups failures; the largest group comes first, groups of one size in the order of their first
  /// stores.
  init(_ failures: [(name: StoreName, failure: Failure)]) {
    groups = []
    var places: [String: Int] = [:]
    for (name, failure) in failures {
      let form = Self.form(of: failure, name)
      if let place = places[form] {
        groups[place].stores.append(name)
        groups[place].reasons.insert(failure.reason)
      } else {
        places[form] = groups.count
        groups.append(Group(failure: failure, stores: [name], reasons: [failure.reason]))
      }
    }
    // A stable order.
    groups = groups.enumerated().sorted {
      ($1.element.stores.count, $0.offset) < ($0.element.stores.count, $1.offset)
    }.map(\.element)
  }

  /// Returns the failure's text without what is particular to its store.
  private static func form(of failure: Failure, _ name: StoreName) -> String {
    var text = failure.reason + "\n" + (failure.remedy ?? "")
    for word in ["\(name)", name.user, name.collection] where word.count > 1 {
      text = text.split(separator: word, omittingEmptySubsequences: false).joined(separator: "…")
    }
    var form = ""
    var wasDigit = false
    for character in text {
      let isDigit = character.isASCII && character.isNumber
      if !(isDigit && wasDigit) { form.append(isDigit ? "0" : character) }
      wasDigit = isDigit
    }
    return form
  }

  /// The lines that show every failed store with its reason; where there are too many, the last line
  /// says how many are left out.
  ///
  /// - Parameter command: the command or option that lists all of them.
  func lines(all command: String) -> [Message] {
    guard !groups.isEmpty else { return [] }
    var lines: [Message] = [Message(trusted: "Failed stores, by reason:")]
    for group in groups.prefix(Self.shownGroups) {
      let similar: Message =
        group.reasons.count > 1 ? " (and \(group.reasons.count - 1) similar)" : ""
      lines.append("  \(group.failure.reason)" + similar)
      if let remedy = group.failure.remedy { lines.append("    Remedy: \(remedy)") }
      let named = group.stores.prefix(Self.shownStores).map(\.description)
      let rest = group.stores.count - named.count
      lines.append(
        "    \(counted(group.stores.count, "store")): \(named.joined(separator: ", "))"
          + (rest > 0 ? ", and \(grouped(rest)) more" : ""))
    }
    let others = groups.dropFirst(Self.shownGroups)
    var left = others.reduce(0) { $0 + $1.stores.count }
    for group in others.prefix(Self.shownLines) {
      let more: Message =
        group.stores.count > 1 ? " (and \(counted(group.stores.count - 1, "other store")))" : ""
      lines.append("  \(group.stores[0].description): \(group.failure.reason)" + more)
      left -= group.stores.count
    }
    if left > 0 {
      lines.append("  … and \(counted(left, "more store")): \(command) lists all")
    }
    return lines
  }
}
