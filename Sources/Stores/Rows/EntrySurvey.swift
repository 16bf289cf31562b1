internal import Digests

/// What a pass over a store's entries has counted and listed; it keeps none of them.
struct EntrySurvey {
  private(set) var count = 0
  private(set) var identity: DocumentIdentity
  /// Identities, with ordinal 0, of the ids that occur more than once.
  private(set) var repeated: Set<UUIDValue> = []
  private var positions: [StoreFinding.Kind: PositionList] = [:]
  private var seen: IdentitySet

  /// A survey of a store with so many entries, about; it grows by what is really there.
  init(of name: StoreName, capacity: Int) {
    identity = DocumentIdentity(of: name)
    // A small file may claim many entries.
    seen = IdentitySet(capacity: min(capacity, 4 << 20))
  }

  /// Adds the next entry, which is to become a document.
  ///
  /// - Parameter kinds: what there is to tell of it.
  mutating func add(
    sourceID: String?, _ kinds: [(StoreFinding.Kind, Bool)]
  ) throws(CryptoError) {
    for (kind, isFound) in kinds where isFound { note(kind) }
    let id = try identity.id(sourceID: sourceID, ordinal: 0)
    if !seen.insert(id) {
      repeated.insert(id)
      // Entries without an id share one identity, and only their order tells them apart.
      if sourceID != nil { note(.repeatedID) }
    }
    count += 1
  }

  /// Adds the next entry, which has no vector.
  mutating func addLeftOver() { count += 1 }

  /// Where entries of one kind are, empty where there are none.
  func positions(_ kind: StoreFinding.Kind) -> PositionList { positions[kind] ?? PositionList() }

  /// What the entries' own findings are, in the order of their kinds.
  var findings: [StoreFinding] {
    StoreFinding.Kind.allCases.map { StoreFinding($0, positions($0)) }
      .filter { $0.positions.count > 0 }
  }

  private mutating func note(_ kind: StoreFinding.Kind) {
    positions[kind, default: PositionList()].append(count)
  }
}
