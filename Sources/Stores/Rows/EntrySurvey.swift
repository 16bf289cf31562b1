internal import Digests

/// The counts and lists from one pass over a store's entries; the entries themselves are not kept.
struct EntrySurvey {
  private(set) var count = 0
  private(set) var identity: DocumentIdentity
  /// The identities (with ordinal 0) of the ids that occur more than once.
  private(set) var repeated: Set<UUIDValue> = []
  private var positions: [StoreFinding.Kind: PositionList] = [:]
  private var seen: IdentitySet
  /// The texts that are equal to an earlier one.
  private(set) var repeatedTexts: [RepeatedValue] = []
  private var texts: EqualValues

  /// Creates a survey of a store with about this many entries; more entries can be added.
  init(of name: StoreName, capacity: Int) {
    identity = DocumentIdentity(of: name)
    // A small file may claim many entries, so the memory for them is limited.
    seen = IdentitySet(capacity: min(capacity, 4 << 20))
    texts = EqualValues(expected: capacity)
  }

  /// Adds the next entry, which will become a document.
  ///
  /// - Parameters:
  ///   - text: the text's UTF-8.
  ///   - kinds: the kinds of findings, each with true where it is found in the entry.
  mutating func add(
    sourceID: String?, text: [UInt8], _ kinds: [(StoreFinding.Kind, Bool)]
  ) throws(CryptoError) {
    for (kind, isFound) in kinds where isFound { note(kind) }
    let id = try identity.id(sourceID: sourceID, ordinal: 0)
    if !seen.insert(id) {
      repeated.insert(id)
      // Entries without an id share one identity, and are distinguished only by their order.
      if sourceID != nil { note(.repeatedID) }
    }
    let first = try text.withUnsafeBufferPointer { bytes throws(CryptoError) in
      try texts.add(UnsafeRawBufferPointer(bytes))
    }
    if first < count { repeatedTexts.append(RepeatedValue(position: count, first: first)) }
    count += 1
  }

  /// Adds the next entry, which has no vector.
  mutating func addLeftOver() { count += 1 }

  /// Returns the positions of the entries with a finding of this kind; an empty list where there
  /// are none.
  func positions(_ kind: StoreFinding.Kind) -> PositionList { positions[kind] ?? PositionList() }

  /// The findings about the entries, in the order of their kinds.
  var findings: [StoreFinding] {
    StoreFinding.Kind.allCases.map { StoreFinding($0, positions($0)) }
      .filter { $0.positions.count > 0 }
  }

  private mutating func note(_ kind: StoreFinding.Kind) {
    positions[kind, default: PositionList()].append(count)
  }
}
