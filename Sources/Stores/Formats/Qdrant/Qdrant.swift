internal import Files
internal import JSON
internal import LibraryFiles

/// The format of Qdrant's local mode: `meta.json`, and for each collection a folder with an SQLite
/// file.
struct Qdrant: LibraryFormat {
  private static let metaFile = "meta.json"
  private static let folder = "collection"
  /// The largest size of a `meta.json` that is read.
  private static let largestMeta: Int64 = 16 << 20

  var name: String { "qdrant" }

  func stores(at entry: UserEntry) throws(StoreError) -> [RecognizedStore] {
    guard try entry.facts()?.kind == .directory else { return [] }
    let folder = try entry.open()
    guard try folder.facts(named: Self.metaFile)?.kind == .regular,
      try folder.facts(named: Self.folder)?.kind == .directory
    else { return [] }
    guard let collections = try Self.collections(in: folder) else { return [] }
    var found: [RecognizedStore] = []
    for name in collections {
      let collection = EntryName(bytes: Array(name.utf8))
      do throws(StoreError) {
        let names = try Self.files(of: name, in: folder)
        found.append(RecognizedStore(collection: collection, fileNames: names))
      } catch {
        found.append(RecognizedStore(collection: collection, refusal: error))
      }
    }
    return found
  }

  /// Reads the names of the collections; nil where the file is not Qdrant's.
  private static func collections(in folder: Directory) throws(StoreError) -> [String]? {
    let file = try folder.openFile(named: metaFile)
    guard file.facts.size <= largestMeta,
      let bytes = try file.bytes(at: 0, count: Int(file.facts.size)),
      case .object(let collections)? = JSONValue(parsing: bytes)?["collections"]
    else { return nil }
    return collections.names
  }

  private static func files(of collection: String, in folder: Directory) throws(StoreError)
    -> [String]
  {
    let place = "\(Self.folder)/\(collection)"
    guard !collection.utf8.contains(UInt8(ascii: "/")), ![".", "..", ""].contains(collection) else {
      throw StoreError(
        .name, file: "\(folder.path)/\(metaFile)",
        problem: "the name of a collection cannot be that of a folder",
        remedy: "restore the folder from a copy")
    }
    if try folder.facts(named: "\(place)/storage.dbm") != nil {
      throw StoreError(
        .unsupported, file: "\(folder.path)/\(place)/storage.dbm",
        problem: "a version of qdrant-client before 1.1.7 wrote it, in a form that is not read",
        remedy: "open the folder once with a newer qdrant-client, which converts it")
    }
    let file = "\(place)/\(QdrantRows.fileName)"
    return [metaFile] + (try SQLiteFiles.names(file, in: folder))
  }

  /// Finds the files of a copy, which has the files of one collection and no others.
  func files(of collection: String, in folder: Directory) throws(StoreError) -> FoundFiles {
    let inner = try folder.openDirectory(named: Self.folder)
    let names = try inner.entryNames().compactMap { String(validating: $0, as: UTF8.self) }
    guard names.count == 1 else { return FoundFiles(missing: [Self.folder]) }
    return try FoundFiles(named: Self.files(of: names[0], in: folder), in: folder)
  }

  func isWhole(_ names: [String]) -> Bool {
    guard names.count >= 2, names[0] == Self.metaFile else { return false }
    let parts = names[1].utf8.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
    return parts.count == 3 && parts[0].elementsEqual(Self.folder.utf8)
      && parts[2].elementsEqual(QdrantRows.fileName.utf8)
      && ![".", "..", ""].contains(String(decoding: parts[1], as: UTF8.self))
      && SQLiteFiles.rest(of: names.dropFirst(), after: names[1]).isEmpty
  }

  func content(of file: String) -> StoreFile.Content {
    file == Self.metaFile ? .texts : .mixed
  }

  func look(at store: FoundStore, in folder: Directory, _ peek: inout StorePeek) throws(StoreError)
  {
    (peek.vectorCount, peek.dimensions) = try QdrantRows.look(in: Self.place(of: store, in: folder))
  }

  func rows(of store: FoundStore, in folder: Directory) throws(StoreError) -> any LibraryRows {
    try QdrantRows(in: Self.place(of: store, in: folder))
  }

  /// Opens the folder of a store's collection.
  private static func place(of store: FoundStore, in folder: Directory) throws(StoreError)
    -> Directory
  {
    let name = store.files.first { $0.name.hasSuffix("/\(QdrantRows.fileName)") }?.name ?? ""
    return try folder.openDirectory(at: String(name.dropLast(QdrantRows.fileName.count + 1)))
  }
}
