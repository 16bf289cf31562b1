package import Stores

/// Which of the stores on disk are meant.
package struct StoreSelection: Sendable, Equatable {
  /// Only these users' stores; empty for all.
  package var users: [String] = []
  /// Only collections of these names; empty for all.
  package var collections: [String] = []
  /// Only stores that failed when they were last tried.
  package var onlyFailed = false

  /// Every store.
  package init() {}

  /// Whether users and collections let this store through.
  package func includes(_ name: StoreName) -> Bool {
    Self.matches(name.user, users) && Self.matches(name.collection, collections)
  }

  /// Byte by byte: names that differ in their Unicode normalisation alone are two names.
  private static func matches(_ name: String, _ wanted: [String]) -> Bool {
    wanted.isEmpty || wanted.contains { $0.utf8.elementsEqual(name.utf8) }
  }
}

extension StoreSelection {
  /// Refuses a name that matches no store: it is a slip, also beside others that do match.
  package func refuseUnmatched(among names: Set<StoreName>) throws(Failure) {
    for (flag, wanted, known) in [
      ("--user", users, names.map(\.user)), ("--collection", collections, names.map(\.collection)),
    ] {
      let slip = wanted.first { word in !known.contains { $0.utf8.elementsEqual(word.utf8) } }
      guard let slip else { continue }
      throw Failure(
        .preflight, "no store matches \(flag) \(slip)",
        remedy: "list what there is with: vector-ferry scan, or vector-ferry status")
    }
  }
}
