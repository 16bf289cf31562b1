internal import Files
internal import JSON

/// The format of LangChain's SKLearnVectorStore in JSON: a file of four arrays, the ids, the texts,
/// the metadata and the vectors.
struct SKLearnStore: EntryFormat {
  var name: String { "sklearn" }

  func stores(at entry: UserEntry) throws(StoreError) -> [RecognizedStore] {
    let store = try entry.storeFile(endings: ["json"]) { file in
      let keys = JSONBeginning(of: file)?.keys ?? []
      return keys.first == "ids" && keys.dropFirst().first.map { $0 == "texts" } ?? true
    }
    return store.map { [$0] } ?? []
  }

  func isWhole(_ names: [String]) -> Bool { names.count == 1 }

  func openEntries(of store: FoundStore, in folder: Directory, _ options: ReadOptions)
    throws(StoreError) -> (entries: any EntrySource, vectors: any VectorSource)
  {
    let file = try JSONFile(store.files.first?.name ?? "", in: folder, options)
    let entries = try ColumnEntries(file)
    return (entries, entries.vectorSource)
  }
}

/// The entries of a file that has an array for each member.
private final class ColumnEntries: EntrySource {
  private static let columns = ["ids", "texts", "metadatas"]
  private static let members = ["id", "text", "metadata"]

  let names: EntryNames
  private let file: JSONFile
  private var vectors = VectorParts()
  private var parts: [String: [FilePart]] = [:]
  private var bytes: [UInt8] = []

  var path: String { file.path }
  var count: Int { parts["ids"]?.count ?? 0 }
  var vectorSource: any VectorSource { JSONVectors(file, vectors) }

  init(_ file: JSONFile) throws(StoreError) {
    self.file = file
    var names = EntryNames()
    names.texts = ["text"]
    names.timestamps = []
    names.objects = ["metadata"]
    self.names = names
    var hasVectors = false
    try file.walk { walker in
      try walker.enter(.object)
      while let key = try walker.nextKey() {
        if key == "embeddings" {
          guard !hasVectors else { throw walker.repeatedKey() }
          hasVectors = true
          try addVectors(walker)
        } else if Self.columns.contains(key) {
          guard parts[key] == nil else { throw walker.repeatedKey() }
          parts[key] = try values(walker)
        } else {
          try walker.skip()
        }
      }
      for key in Self.columns where parts[key] == nil { throw walker.missingKey(key) }
      if !hasVectors { throw walker.missingKey("embeddings") }
    }
    for key in Self.columns where parts[key]?.count != vectors.parts.count {
      throw StoreError(
        .count, file: path,
        problem: "\(vectors.parts.count) embeddings but \(parts[key]?.count ?? 0) \(key)",
        remedy: "restore the file")
    }
  }

  private func addVectors(_ walker: JSONWalker) throws {
    try walker.enter(.array)
    while try walker.nextElement() {
      let (range, count) = try walker.skipNumbers()
      try vectors.add(range, count: count, path)
    }
  }

  private func values(_ walker: JSONWalker) throws -> [FilePart] {
    var values: [FilePart] = []
    try walker.enter(.array)
    while try walker.nextElement() {
      guard let part = FilePart(try walker.skip()) else { throw file.changed }
      values.append(part)
    }
    return values
  }

  /// Replaces `entry` by an object of the document's id, text and metadata.
  func read(_ position: Int, into entry: inout JSONEntry) throws(StoreError) {
    var joined: [UInt8] = []
    for (column, member) in zip(Self.columns, Self.members) {
      guard let part = parts[column]?[position] else { throw file.changed }
      try file.read(part, into: &bytes)
      joined += Array("\(joined.isEmpty ? "{" : ",")\"\(member)\":".utf8) + bytes[..<part.count]
    }
    joined.append(UInt8(ascii: "}"))
    try file.parse(joined, count: joined.count, index: position, into: &entry)
  }

  func checkUnchanged() throws(StoreError) { try file.handle.checkUnchanged() }
}
