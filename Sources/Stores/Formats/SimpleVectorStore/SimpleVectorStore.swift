internal import Files

/// The format of a pickle of vectors, `vectors.pkl`, and a JSON array of entries, `metadata.json`.
///
/// Each store has a folder of its own, `<user>/vector_store_<collection>`; `metadata.json` may be
/// encrypted with Fernet.
struct SimpleVectorStore: SourceFormat {
  static let vectorsFile = "vectors.pkl"
  static let metadataFile = "metadata.json"
  private static let prefix = "vector_store_"
  /// The names of the files of a complete store.
  private static let fileNames = [vectorsFile, metadataFile]

  var name: String { "SimpleVectorStore" }
  var folderPrefix: String? { Self.prefix }

  /// Recognizes a store by the name of its folder; the files may be missing.
  func stores(at entry: UserEntry) throws(StoreError) -> [RecognizedStore] {
    let prefix = Array(Self.prefix.utf8)
    guard entry.name.bytes.starts(with: prefix), let kind = try entry.facts()?.kind,
      kind == .directory || kind == .link
    else { return [] }
    let collection = EntryName(bytes: Array(entry.name.bytes.dropFirst(prefix.count)))
    return [RecognizedStore(collection: collection)]
  }

  func files(of collection: String, in folder: Directory) throws(StoreError) -> FoundFiles {
    try FoundFiles(named: Self.fileNames, in: folder)
  }

  func isWhole(_ names: [String]) -> Bool { names == Self.fileNames }

  func content(of file: String) -> StoreFile.Content {
    file == Self.vectorsFile ? .vectors : .texts
  }

  func open(_ store: FoundStore, in folder: Directory, _ settings: ReadSettings)
    throws(StoreError) -> any OpenedStore
  {
    try SimpleStoreReader(store, in: folder, settings)
  }

  func openVectors(of store: FoundStore, in folder: Directory) throws(StoreError)
    -> any VectorSource
  {
    try VectorsFile(
      try folder.openFile(named: Self.vectorsFile),
      beside: try? folder.openFile(named: Self.metadataFile))
  }
}
