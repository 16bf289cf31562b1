internal import Files
internal import JSON

/// The format of JSON lines: a file that has an object for each document, one after the other.
struct JSONLines: EntryFormat {
  var name: String { "jsonl" }
  var hasKeys: Bool { false }

  func stores(at entry: UserEntry) throws(StoreError) -> [RecognizedStore] {
    let endings = ["jsonl", "ndjson"]
    guard endings.contains(where: { entry.name.text.lowercased().hasSuffix(".\($0)") }) else {
      return []
    }
    let stem = String(decoding: entry.stem, as: UTF8.self)
    // The lines beside an array are its texts.
    for ending in UserEntry.arrayEndings
    where try entry.directory.facts(named: "\(stem).\(ending)") != nil { return [] }
    return try entry.storeFile(endings: endings) { _ in true }.map { [$0] } ?? []
  }

  func isWhole(_ names: [String]) -> Bool { names.count == 1 }

  func openEntries(of store: FoundStore, in folder: Directory, _ options: ReadOptions)
    throws(StoreError) -> (entries: any EntrySource, vectors: any VectorSource)
  {
    let file = try JSONFile(
      store.files.first?.name ?? "", in: folder, options, numberMembers: EntryNames.tables.vectors)
    let rows = EntryRows(file, names: .tables)
    var entry = JSONEntry()
    try file.walk { walker in
      while try !walker.isAtEnd() { try rows.add(from: walker, into: &entry) }
    }
    return (rows, try rows.vectorSource())
  }
}
