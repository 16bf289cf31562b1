package import Stores

/// The stores on disk that the operator has chosen.
package struct StoreSelection: Sendable, Equatable {
  /// The users whose stores are chosen, as names or patterns (`NamePattern`); empty for all users.
  package var users: [String] = []
  /// The collections that are chosen, as names or patterns; empty for all collections.
  package var collections: [String] = []
  /// The stores that are left out, as patterns (`StorePattern`).
  package var excluded: [String] = []
  /// True where only stores are chosen that failed when they were last tried.
  package var onlyFailed = false

  /// Creates a selection of every store.
  package init() {}

  /// True where the operator has named users or collections to choose or to leave out.
  package var isLimited: Bool { !(users + collections + excluded).isEmpty }

  /// Returns true where the store's user and collection are both selected, and the store is not left
  /// out.
  package func includes(_ name: StoreName) -> Bool {
    Self.matches(name.user, users) && Self.matches(name.collection, collections)
      && !excluded.contains { StorePattern($0).matches(name) }
  }

  private static func matches(_ name: String, _ wanted: [String]) -> Bool {
    wanted.isEmpty || wanted.contains { NamePattern($0).matches(name) }
  }
}

extension StorePattern {
  /// Returns true where the pattern stands for the store.
  package func matches(_ name: StoreName) -> Bool {
    user.matches(name.user) && (collection?.matches(name.collection) ?? true)
  }
}

extension StoreSelection {
  /// Refuses a name or pattern that matches no store, which must be a mistake, and one that is the
  /// name of a user or collection but matches other names, too.
  ///
  /// - Parameter remedy: how the operator lists the stores.
  package func refuseUnmatched(
    among names: Set<StoreName>,
    remedy: String = "list the stores with: vector-ferry scan, or vector-ferry status"
  ) throws(Failure) {
    for (flag, wanted, known) in [
      ("--user", users, Self.distinct(names.map(\.user))),
      ("--collection", collections, Self.distinct(names.map(\.collection))),
    ] {
      for word in wanted {
        try Self.refuseAmbiguous(NamePattern(word), flag, among: known)
        if !known.contains(where: NamePattern(word).matches) {
          throw Failure(.preflight, "\(flag) \(word): there is no such store", remedy: remedy)
        }
      }
    }
    for word in excluded {
      let pattern = StorePattern(word)
      try Self.refuseAmbiguous(
        pattern.user, "--exclude", among: Self.distinct(names.map(\.user)))
      if let collection = pattern.collection {
        try Self.refuseAmbiguous(
          collection, "--exclude", among: Self.distinct(names.map(\.collection)))
      }
      if !names.contains(where: pattern.matches) {
        throw Failure(.preflight, "--exclude \(word): there is no such store", remedy: remedy)
      }
    }
  }

  /// Refuses a pattern that is one of the names and does not match this name alone.
  private static func refuseAmbiguous(
    _ pattern: NamePattern, _ flag: String, among names: [String]
  ) throws(Failure) {
    guard let name = names.first(where: { $0.utf8.elementsEqual(pattern.text.utf8) }) else {
      return
    }
    let found = names.filter(pattern.matches)
    if found.count == 1, pattern.matches(name) { return }
    let others = found.count > 1 ? "\(found.count) names" : "another name"
    throw Failure(
      .preflight, "\(flag) \(pattern.text) is a name, and a pattern for \(others)",
      remedy: "write a backslash before each *, ? and backslash of a name")
  }

  /// Returns each name once; names that differ only in their Unicode normalisation are two names.
  private static func distinct(_ names: [String]) -> [String] {
    var seen: Set<[UInt8]> = []
    return names.filter { seen.insert(Array($0.utf8)).inserted }
  }
}

extension StoreName {
  /// The options that choose this store alone.
  package var options: String {
    "--user \(NamePattern.escaped(user)) --collection \(NamePattern.escaped(collection))"
  }
}
