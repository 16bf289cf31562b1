package import Stores

/// The stores on disk that the operator has chosen.
package struct StoreSelection: Sendable, Equatable {
  /// The users whose stores are chosen; empty for all users.
  package var users: [String] = []
  /// The names of the collections that are chosen; empty for all collections.
  package var collections: [String] = []
  /// True where only stores are chosen that failed when they were last tried.
  package var onlyFailed = false

  /// Creates a selection of every store.
  package init() {}

  /// Returns true where the store's user and collection are both selected.
  package func includes(_ name: StoreName) -> Bool {
    Self.matches(name.user, users) && Self.matches(name.collection, collections)
  }

  /// Compares byte by byte: names that differ only in their Unicode normalisation are two names.
  private static func matches(_ name: String, _ wanted: [String]) -> Bool {
    wanted.isEmpty || wanted.contains { $0.utf8.elementsEqual(name.utf8) }
  }
}

extension StoreSelection {
  /// Refuses a name that matches no store: this name must be a mistake, even if other names do
  /// match.
  package func refuseUnmatched(among names: Set<StoreName>) throws(Failure) {
    for (flag, wanted, known) in [
      ("--user", users, names.map(\.user)), ("--collection", collections, names.map(\.collection)),
    ] {
      let unknown = wanted.first { word in !known.contains { $0.utf8.elementsEqual(word.utf8) } }
      guard let unknown else { continue }
      throw Failure(
        .preflight, "no store matches \(flag) \(unknown)",
        remedy: "list the stores with: vector-ferry scan, or vector-ferry status")
    }
  }
}
