internal import Files
internal import JSON

/// The format of JSON lines: a file that has an object for each document, one after the other.
struct JSONLines: EntryFormat {
  var name: String { "jsonl" }
  var hasKeys: Bool { false }

  /// The usual names of members; of each list, the first that an object has is used.
  private static let names: EntryNames = {
    var names = EntryNames()
    names.ids = ["id", "_id", "uuid", "rowid", "doc_id"]
    names.texts = ["text", "page_content", "content", "document"]
    names.vectors = ["embedding", "vector", "embeddings", "vectors", "text_embedding"]
    names.objects = ["metadata", "meta", "payload"]
    return names
  }()

  func stores(at entry: UserEntry) throws(StoreError) -> [RecognizedStore] {
    let endings = ["jsonl", "ndjson"]
    guard endings.contains(where: { entry.name.text.lowercased().hasSuffix(".\($0)") }) else {
      return []
    }
    return try entry.storeFile(endings: endings) { _ in true }.map { [$0] } ?? []
  }

  func isWhole(_ names: [String]) -> Bool { names.count == 1 }

  func openEntries(of store: FoundStore, in folder: Directory, _ options: ReadOptions)
    throws(StoreError) -> (entries: any EntrySource, vectors: any VectorSource)
  {
    let file = try JSONFile(
      store.files.first?.name ?? "", in: folder, options, numberMembers: Self.names.vectors)
    let rows = EntryRows(file, names: Self.names)
    var entry = JSONEntry()
    try file.walk { walker in
      while try !walker.isAtEnd() { try rows.add(from: walker, into: &entry) }
    }
    return (rows, try rows.vectorSource())
  }
}
