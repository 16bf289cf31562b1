internal import Digests
internal import JSON

extension MetadataFile {
  /// Reads all entries and keeps none; only those before `vectorCount` can become documents.
  func survey(
    vectorCount: Int, identity: DocumentIdentity, zone: LocalTime
  ) throws(StoreError) -> (survey: EntrySurvey, isEncrypted: Bool) {
    let (reader, isEncrypted) = try open()
    var identity = identity
    // A small pickle may claim many vectors, and a file of holes many entries: beyond a few
    // million the survey grows by what is really there.
    var survey = EntrySurvey(capacity: min(vectorCount, Int(handle.facts.size / 16), 4 << 20))
    var entry = JSONEntry()
    while try next(reader, into: &entry) {
      guard survey.count < vectorCount else {
        survey.addLeftOver()
        continue
      }
      let fields = EntryFields(entry, zone: zone)
      let (id, sourceID) = try self.identity(of: entry, fields, ordinal: 0, &identity)
      survey.add(id, hasSourceID: sourceID != nil, fields.findings(in: entry))
    }
    return (survey, isEncrypted)
  }

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

  /// The most entries that a file can hold: the shortest is `{},`, and encryption makes it longer.
  static func mostEntries(in file: StoreFileHandle) -> Int { Int(file.facts.size / 3 + 1) }
}

extension EntryFields {
  /// What there is to tell of an entry.
  fileprivate func findings(in entry: JSONEntry) -> [(StoreFinding.Kind, Bool)] {
    [
      (.withoutText, text == nil),
      (.timestampNotUnderstood, hasObscureTimestamp),
      (.timestampCut, createdAt?.isExact == false),
      (.escapedCharacters, !entry.escapedCharacters.isEmpty),
      (.negativeZeroNumber, !entry.negativeZeros.isEmpty),
    ]
  }
}
