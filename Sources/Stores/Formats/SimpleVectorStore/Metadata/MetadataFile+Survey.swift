internal import Files
internal import JSON

extension MetadataFile {
  /// Reads all entries and keeps none; only the first `vectorCount` entries can become documents.
  func survey(
    of store: StoreName, vectorCount: Int, zone: LocalTime
  ) throws(StoreError) -> (survey: EntrySurvey, isEncrypted: Bool) {
    let (reader, isEncrypted) = try open()
    // A small pickle may claim many vectors, so the size of the metadata limits the memory.
    var survey = EntrySurvey(of: store, capacity: min(vectorCount, Int(handle.facts.size / 16)))
    var entry = JSONEntry()
    var text: [UInt8] = []
    while try next(reader, into: &entry) {
      guard survey.count < vectorCount else {
        survey.addLeftOver()
        continue
      }
      let fields = EntryFields(entry, zone: zone)
      let sourceID = try sourceID(of: entry, fields)
      text.removeAll(keepingCapacity: true)
      if let member = fields.text { _ = entry.appendUTF8(of: member, to: &text) }
      do {
        try survey.add(sourceID: sourceID, text: text, fields.findings(in: entry))
      } catch {
        throw refusal(error)
      }
    }
    return (survey, isEncrypted)
  }

  /// Reads the source id of an entry; nil where the entry has none.
  func sourceID(of entry: JSONEntry, _ fields: EntryFields) throws(StoreError) -> String? {
    do {
      return try fields.sourceID(in: entry)
    } catch {
      throw StoreError(
        .metadata, file: handle.path, place: "entry \(entry.index), \(entry.position)",
        problem: "the id is \(error.kind), neither a string nor a number",
        remedy: "give the entry an id that is a string")
    }
  }

  /// Computes the largest number of entries that a file can contain: the shortest entry is `{},`,
  /// and encryption makes a file longer.
  static func mostEntries(in file: InputFile) -> Int { Int(file.facts.size / 3 + 1) }
}
