internal import Files
internal import JSON

/// The format of LlamaIndex's folder: vectors in `<namespace>__vector_store.json`, or in
/// `vector_store.json` of old versions, and texts in `docstore.json`.
struct LlamaIndex: EntryFormat {
  static let textsFile = "docstore.json"
  private static let ending = "__vector_store.json"
  private static let oldFile = "vector_store.json"

  var name: String { "llamaindex" }

  func stores(at entry: UserEntry) throws(StoreError) -> [RecognizedStore] {
    guard entry.name.bytes.first != UInt8(ascii: "."), entry.name.isUTF8 else { return [] }
    switch try entry.facts()?.kind {
    case .directory: return try stores(inFolder: entry)
    case .regular: return try oldIndex(entry).map { [$0] } ?? []
    default: return []
    }
  }

  private func stores(inFolder entry: UserEntry) throws(StoreError) -> [RecognizedStore] {
    guard let folder = try? entry.open() else { return [] }
    var stores: [RecognizedStore] = []
    for bytes in try folder.entryNames() {
      let file = String(decoding: bytes, as: UTF8.self)
      guard file.hasSuffix(Self.ending) || file == Self.oldFile else { continue }
      let namespace = file == Self.oldFile ? "default" : String(file.dropLast(Self.ending.count))
      let folderName = entry.name.text
      let collection = namespace == "default" ? folderName : "\(folderName)/\(namespace)"
      let name = EntryName(bytes: Array(collection.utf8))
      if let refusal = Self.refusal(of: file, in: folder) {
        stores.append(RecognizedStore(collection: name, fileNames: [file], refusal: refusal))
      } else if !Self.isEmpty(file, in: folder) {
        stores.append(RecognizedStore(collection: name, fileNames: [file, Self.textsFile]))
      }
    }
    return stores
  }

  /// Returns true where a file of vectors has no vector: LlamaIndex writes one for images, which is
  /// no store where there are none.
  private static func isEmpty(_ name: String, in folder: Directory) -> Bool {
    guard let file = try? folder.openFile(named: name), let beginning = JSONBeginning(of: file)
    else { return false }
    return beginning.keys.first == "embedding_dict" && beginning.innerKeys.isEmpty
      && (beginning.keys.count > 1 || file.facts.size < 64)
  }

  /// Returns the refusal of a file that is an index of FAISS; nil for other files.
  private static func refusal(of name: String, in folder: Directory) -> StoreError? {
    guard let file = try? folder.openFile(named: name) else { return nil }
    var head = [UInt8](repeating: 0, count: 4)
    let count = head.withUnsafeMutableBytes { (try? file.read(into: $0, at: 0)) ?? 0 }
    guard count == 4, head[0] == UInt8(ascii: "I"), head.allSatisfy({ $0 > 0x20 && $0 < 0x7F })
    else { return nil }
    return StoreError(
      .unsupported, file: file.path,
      problem: "is a FAISS index that LlamaIndex has written, which has no ids of its own",
      remedy: "load it with LlamaIndex, and persist its nodes in a SimpleVectorStore")
  }

  /// Recognizes the single file of an index of version 0.5 or older, which is refused.
  private func oldIndex(_ entry: UserEntry) throws(StoreError) -> RecognizedStore? {
    let store = try entry.storeFile(endings: ["json"]) { file in
      let keys = JSONBeginning(of: file)?.keys ?? []
      return keys.contains("index_struct") || keys.contains("index_struct_id")
    }
    return store.map {
      RecognizedStore(
        collection: $0.collection, isFolder: false, fileNames: $0.fileNames,
        refusal: StoreError(
          .unsupported, file: entry.path,
          problem: "is an index of LlamaIndex 0.5 or older, which is one file",
          remedy: "load it with the version that wrote it, and persist it with version 0.6 or newer"
        ))
    }
  }

  func isWhole(_ names: [String]) -> Bool {
    names.count == 2 && names.contains(Self.textsFile)
      && names.contains { $0.hasSuffix(Self.oldFile) }
  }

  func content(of file: String) -> StoreFile.Content {
    file == Self.textsFile ? .texts : .vectors
  }

  func openEntries(of store: FoundStore, in folder: Directory, _ options: ReadOptions)
    throws(StoreError) -> (entries: any EntrySource, vectors: any VectorSource)
  {
    let vectorsName = store.files.map(\.name).first { $0 != Self.textsFile } ?? ""
    let texts = try JSONFile(Self.textsFile, in: folder, options)
    let nodes = try EntryPlaces(texts) { walker, place in
      try walker.enter(.object)
      while let key = try walker.nextKey() {
        guard key == "docstore/data" else {
          try walker.skip()
          continue
        }
        try walker.enter(.object)
        while let id = try walker.nextKey() { try place(id) }
      }
    }
    let entries = try NodeEntries(
      try JSONFile(vectorsName, in: folder, options), texts: texts, nodes)
    return (entries, entries.vectorSource)
  }
}
