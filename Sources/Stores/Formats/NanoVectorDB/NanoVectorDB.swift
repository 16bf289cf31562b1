internal import Files
internal import JSON

/// The format of nano-vectordb, also inside of LightRAG: a JSON file of entries, and all vectors
/// together as base64 of Float32.
///
/// A file in a user's folder is a store. A folder of LightRAG has several files `vdb_<name>.json`,
/// each of which is a store.
struct NanoVectorDB: EntryFormat {
  private static let prefix = "vdb_"
  private static let ending = ".json"
  /// The file of LightRAG that has the texts of chunks; up to version 1.1, no other file has them.
  static let chunkTexts = "kv_store_text_chunks.json"

  var name: String { "nano-vectordb" }

  func stores(at entry: UserEntry) throws(StoreError) -> [RecognizedStore] {
    if entry.name.bytes.first == UInt8(ascii: ".") { return [] }
    guard try entry.facts()?.kind == .directory, entry.name.isUTF8 else {
      return try entry.storeFile(endings: ["json"], where: Self.isStore).map { [$0] } ?? []
    }
    guard let folder = try? entry.open() else { return [] }
    var stores: [RecognizedStore] = []
    for bytes in try folder.entryNames() {
      let name = String(decoding: bytes, as: UTF8.self)
      guard name.hasPrefix(Self.prefix), name.hasSuffix(Self.ending),
        let file = try? folder.openFile(named: name), Self.isStore(file)
      else { continue }
      let inner = name.dropFirst(Self.prefix.count).dropLast(Self.ending.count)
      var files = [name]
      if inner == "chunks", Self.lacksTexts(file),
        try folder.facts(named: Self.chunkTexts) != nil
      {
        files.append(Self.chunkTexts)
      }
      stores.append(
        RecognizedStore(
          collection: EntryName(bytes: Array("\(entry.name.text)/\(inner)".utf8)),
          fileNames: files))
    }
    return stores
  }

  private static func isStore(_ file: InputFile) -> Bool {
    let keys = JSONBeginning(of: file)?.keys ?? []
    return keys.first == "embedding_dim" && keys.dropFirst().first.map { $0 == "data" } ?? false
  }

  /// Returns true where the first bytes of a file have an entry and no text, as LightRAG 1.1 writes
  /// it.
  private static func lacksTexts(_ file: InputFile) -> Bool {
    var bytes = [UInt8](repeating: 0, count: min(1 << 16, Int(clamping: file.facts.size)))
    _ = bytes.withUnsafeMutableBytes { try? file.read(into: $0, at: 0) }
    let text = String(decoding: bytes, as: UTF8.self)
    return text.contains("\"__id__\"") && !text.contains("\"content\"")
  }

  func isWhole(_ names: [String]) -> Bool {
    names.count == 1 || names.count == 2 && names[1] == Self.chunkTexts
  }

  func content(of file: String) -> StoreFile.Content {
    file == Self.chunkTexts ? .texts : .mixed
  }

  func notes(vectors: Int) -> [StoreFinding] {
    vectors == 0 ? [] : [StoreFinding(.unitVectors, PositionList(0..<vectors))]
  }

  func openEntries(of store: FoundStore, in folder: Directory, _ options: ReadOptions)
    throws(StoreError) -> (entries: any EntrySource, vectors: any VectorSource)
  {
    let file = try JSONFile(store.files.first?.name ?? "", in: folder, options)
    let nano = try NanoFile(file)
    guard store.files.count > 1 else { return (nano, nano.vectors) }
    let texts = try JSONFile(store.files[1].name, in: folder, options)
    return (try ChunkEntries(nano, texts), nano.vectors)
  }
}
