internal import Digests

/// What a pass over a store's entries has counted and listed; it keeps none of them.
struct EntrySurvey {
  private(set) var count = 0
  /// Identities, with ordinal 0, of the ids that occur more than once.
  private(set) var repeated: Set<UUIDValue> = []
  private var positions: [StoreFinding.Kind: PositionList] = [:]
  private var seen: IdentitySet

  /// A survey of so many entries, about; it grows by what is really there.
  init(capacity: Int) { seen = IdentitySet(capacity: capacity) }

  /// Adds the next entry, which is to become a document.
  ///
  /// - Parameters:
  ///   - id: its identity, with ordinal 0.
  ///   - hasSourceID: entries without an id share one identity, and only their order tells them
  ///     apart.
  ///   - kinds: what there is to tell of it.
  mutating func add(_ id: UUIDValue, hasSourceID: Bool, _ kinds: [(StoreFinding.Kind, Bool)]) {
    for (kind, isFound) in kinds where isFound { note(kind) }
    if !seen.insert(id) {
      repeated.insert(id)
      if hasSourceID { note(.repeatedID) }
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
