internal import Digests
internal import JSON

/// A pass over all entries of a store that keeps none: it counts, checks and lists.
struct EntrySurvey {
  private(set) var count = 0
  private(set) var isEncrypted = false
  /// Identities, with ordinal 0, of the ids that occur more than once.
  private(set) var repeated: Set<UUIDValue> = []
  private var positions: [StoreFinding.Kind: PositionList] = [:]

  /// Reads all entries; only those before `vectorCount` can become documents.
  init(
    _ file: MetadataFile, vectorCount: Int, identity: DocumentIdentity, zone: LocalTime
  ) throws(StoreError) {
    let (reader, isEncrypted) = try file.open()
    self.isEncrypted = isEncrypted
    var identity = identity
    // A small pickle may claim many vectors, and a file of holes many entries: beyond a few
    // million the set grows by what is really there.
    var seen = IdentitySet(
      capacity: min(vectorCount, Int(file.handle.facts.size / 16), 4 << 20))
    var entry = JSONEntry()
    while try file.next(reader, into: &entry) {
      if count < vectorCount {
        let fields = EntryFields(entry, zone: zone)
        note(entry, fields)
        let (id, sourceID) = try file.identity(of: entry, fields, ordinal: 0, &identity)
        if !seen.insert(id) {
          repeated.insert(id)
          // Entries without an id share one identity, and only their order tells them apart.
          if sourceID != nil { positions[.repeatedID, default: PositionList()].append(count) }
        }
      }
      count += 1
    }
  }

  /// Where entries of one kind are, empty where there are none.
  func positions(_ kind: StoreFinding.Kind) -> PositionList { positions[kind] ?? PositionList() }

  private mutating func note(_ entry: JSONEntry, _ fields: EntryFields) {
    let kinds: [(StoreFinding.Kind, Bool)] = [
      (.withoutText, fields.text == nil),
      (.timestampNotUnderstood, fields.hasObscureTimestamp),
      (.timestampCut, fields.createdAt?.isExact == false),
      (.escapedCharacters, !entry.escapedCharacters.isEmpty),
      (.negativeZeroNumber, !entry.negativeZeros.isEmpty),
    ]
    for (kind, isFound) in kinds where isFound {
      positions[kind, default: PositionList()].append(count)
    }
  }
}

extension MetadataFile {
  /// An entry's source id and the identity of its document.
  func identity(
    of entry: JSONEntry, _ fields: EntryFields, ordinal: Int,
    _ identity: inout DocumentIdentity
  ) throws(StoreError) -> (id: UUIDValue, sourceID: String?) {
    do {
      let sourceID = try fields.sourceID(in: entry)
      return (try identity.id(sourceID: sourceID, ordinal: ordinal), sourceID)
    } catch let error as UnusableID {
      throw StoreError(
        .metadata, file: handle.path, place: "entry \(entry.index), \(entry.position)",
        problem: "the id is \(error.kind), neither a string nor a number",
        remedy: "give the entry an id that is a string")
    } catch {
      throw refusal(error)
    }
  }
}
